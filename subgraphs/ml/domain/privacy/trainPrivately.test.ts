import { describe, expect, test } from "@jest/globals";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import { createLogisticRegression } from "../models/models.ts";
import { flatten, toManifest, unflatten } from "../models/parameters.ts";
import { measure, type Sample } from "../models/trainable.ts";
import { createCryptographicNormal, createCryptographicUniform } from "./gaussianNoise.ts";
import { judgeSpending } from "./privacyBudget.ts";
import { normOf, trainPrivately } from "./trainPrivately.ts";

const random = createSeededRandom("private");
const model = createLogisticRegression(2);
const base = model.initialise(random.next);
const samples: readonly Sample[] = Array.from({ length: 400 }, () => {
  const input = Float32Array.of(random.nextNormal(), random.nextNormal());
  return { input, label: (input[0] ?? 0) + (input[1] ?? 0) > 0 ? 1 : 0 };
});
const options = {
  steps: 50,
  samplingRate: 0.1,
  clippingNorm: 1,
  noiseMultiplier: 1,
  learningRate: 0.5,
  uniform: createCryptographicUniform(),
  normal: createCryptographicNormal(),
};

describe("DP-SGD", () => {
  test("learns in spite of the noise", () => {
    const { delta } = trainPrivately(model, base, samples, { ...options, steps: 200 });
    const weights = flatten(base).map((value, at) => value + (delta[at] ?? 0));
    expect(measure(model, unflatten(toManifest(base), weights), samples).accuracy).toBeGreaterThan(0.9);
  });

  test("one record moves a step without noise by at most the clipping norm over the expected batch", () => {
    const still = { ...options, steps: 1, samplingRate: 1, noiseMultiplier: 0, learningRate: 1 };
    const huge: Sample = { input: Float32Array.of(1e4, -1e4), label: 1 };
    const without = trainPrivately(model, base, samples, still).delta;
    const replaced = trainPrivately(model, base, [huge, ...samples.slice(1)], still).delta;
    const moved = normOf(without.map((value, at) => value - (replaced[at] ?? 0)));
    expect(moved).toBeLessThanOrEqual((2 * still.clippingNorm) / samples.length + 1e-7);
    expect(moved).toBeGreaterThan(0);
  });

  test("the noise has the deviation that the accountant is told", () => {
    const noisy = { ...options, steps: 1, samplingRate: 1, noiseMultiplier: 3, learningRate: samples.length };
    const still = trainPrivately(model, base, samples, { ...noisy, noiseMultiplier: 0 }).delta;
    const noise = Array.from(
      { length: 500 },
      () => trainPrivately(model, base, samples, noisy).delta,
    ).flatMap((delta) => Array.from(delta, (value, at) => value - (still[at] ?? 0)));
    const deviation = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length);
    // 3,000 values: the deviation of a deviation of 3 is 0.04.
    expect(Math.abs(deviation - 3)).toBeLessThan(0.25);
  });
});

test("the cryptographic generator is uniform, and normal", () => {
  const uniform = createCryptographicUniform();
  const normal = createCryptographicNormal();
  const count = 20_000;
  const uniforms = Array.from({ length: count }, uniform);
  expect(uniforms.every((value) => value >= 0 && value < 1)).toBe(true);
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / count;
  expect(Math.abs(meanOf(uniforms) - 0.5)).toBeLessThan(0.015);
  const normals = Array.from({ length: count }, normal);
  expect(Math.abs(meanOf(normals))).toBeLessThan(0.05);
  expect(Math.abs(meanOf(normals.map((value) => value ** 2)) - 1)).toBeLessThan(0.08);
  expect(Math.abs(meanOf(normals.map((value) => value ** 4)) - 3)).toBeLessThan(0.6);
});

describe("the budget", () => {
  const stretch = { samplingRate: 0.02, noiseMultiplier: 1.5, steps: 500 };
  const budget = { epsilon: 4, delta: 1e-5 };

  test("stops before it is passed, not after", () => {
    const ledger = [];
    while (judgeSpending(ledger, stretch, budget).isWithin) ledger.push(stretch);
    expect(ledger.length).toBeGreaterThan(1);
    const { before, after } = judgeSpending(ledger, stretch, budget);
    expect(before.epsilon).toBeLessThanOrEqual(4);
    expect(after.epsilon).toBeGreaterThan(4);
  });
});
