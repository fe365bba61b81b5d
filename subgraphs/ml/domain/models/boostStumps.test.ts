import { describe, expect, test } from "@jest/globals";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import { predictWithStumps } from "./boostedStumps.ts";
import { addHistograms, addStump, boostStumps, chooseStump, findCuts, sumHistogram } from "./boostStumps.ts";
import type { Sample } from "./trainable.ts";

/** Made of whole numbers, so that the script below makes the same rows. */
const samples: readonly Sample[] = Array.from({ length: 120 }, (_, i) => {
  const input = Float32Array.of(
    ((i * 37 + i * i * 7) % 97) / 97,
    ((i * 53 + i * i * 3) % 89) / 89,
    (i * 11 + i * i * 5) % 7,
  );
  const [a = 0, b = 0, c = 0] = input;
  const votes = [a > Math.fround(0.4), b <= Math.fround(0.5), c > 4, (i * i) % 5 === 0];
  return { input, label: votes.filter(Boolean).length >= 3 ? 1 : 0 };
});
const features = ["a", "b", "c"].map((name) => ({ name, mean: 0.5 }));
const options = { stumps: 40, learningRate: 0.3, regularisation: 1, leafMin: 5 };
const valuesOf = ({ input }: Sample) =>
  Object.fromEntries(features.map(({ name }, at) => [name, input[at] ?? 0]));

test("says what scikit-learn's HistGradientBoostingClassifier says of the same rows", () => {
  // test/oracles/stumps.py with scikit-learn 1.9.1: max_iter=40, learning_rate=0.3, max_leaf_nodes=2,
  // min_samples_leaf=5, l2_regularization=1. It sums gradients in 32-bit floats.
  const expected = [
    -3.82895427, -3.55479359, -3.99103882, -1.41149161, 0.15138441, 0.15138441, -4.55154208, -6.3648036,
  ];
  const model = boostStumps(features, 30, samples, options);
  expect(model.intercept).toBeCloseTo(Math.log(25 / 95), 10);
  expect(model.stumps).toHaveLength(40);
  for (const [at, logit] of expected.entries()) {
    const sample = samples[at];
    if (!sample) throw new Error("expected as many samples as values");
    expect(predictWithStumps(model, valuesOf(sample)).logit).toBeCloseTo(logit, 4);
  }
});

describe("a model of boosted stumps", () => {
  const model = boostStumps(features, 30, samples, options);

  test("explains itself exactly: contributions add up, and a feature's share does not depend on the others", () => {
    const shareOfA = (values: Record<string, number>) =>
      predictWithStumps(model, values).contributions.find(({ feature }) => feature === "a")?.value;
    for (const sample of samples) {
      const { logit, contributions, probability } = predictWithStumps(model, valuesOf(sample));
      expect(contributions.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(logit, 10);
      expect(probability).toBeCloseTo(1 / (1 + Math.exp(-logit)), 12);
      expect(shareOfA({ a: sample.input[0] ?? 0, b: 9, c: -9 })).toBe(shareOfA(valuesOf(sample)));
    }
  });

  test("takes a missing value for the average, and refuses one that is no number", () => {
    expect(predictWithStumps(model, { a: 0.1, b: 0.2 })).toEqual(
      predictWithStumps(model, { a: 0.1, b: 0.2, c: 0.5 }),
    );
    expect(() => predictWithStumps(model, { a: Number.NaN })).toThrow(/finite value of a; got NaN/);
  });

  test("of three regions is the same as that of all rows together, though only histograms are summed", () => {
    const regions = [0, 1, 2].map((region) => samples.filter((_, at) => at % 3 === region));
    // Cuts are agreed on before: here from all rows, in a federation from the global ones.
    const cuts = findCuts(samples, features.length);
    const logits = regions.map((rows) => new Float64Array(rows.length).fill(model.intercept));
    for (const expected of model.stumps) {
      const sums = regions.map((rows, at) => sumHistogram(rows, logits[at] ?? new Float64Array(), cuts));
      const stump = chooseStump(addHistograms(sums), cuts, options);
      expect(stump).toEqual({
        ...expected,
        low: expect.closeTo(expected.low, 10),
        high: expect.closeTo(expected.high, 10),
      });
      if (!stump) throw new Error("expected a stump, came none");
      for (const [at, rows] of regions.entries()) addStump(logits[at] ?? new Float64Array(), rows, stump);
    }
  });
});

test("stops when no cut gains anything, and cannot start from one outcome alone", () => {
  const flat = Array.from({ length: 40 }, (_, at) => ({ input: Float32Array.of(1), label: at % 2 }));
  expect(boostStumps([{ name: "a", mean: 1 }], 30, flat, options).stumps).toEqual([]);
  const oneSided = flat.map(({ input }) => ({ input, label: 1 }));
  expect(() => boostStumps([{ name: "a", mean: 1 }], 30, oneSided, options)).toThrow(
    /both outcomes, came 40 with and 0 without/,
  );
});

test("cuts many values between quantiles, so that a histogram stays small", () => {
  const random = createSeededRandom("cuts");
  const many = Array.from({ length: 5_000 }, () => ({
    input: Float32Array.of(random.nextNormal()),
    label: 0,
  }));
  const [cuts = new Float32Array()] = findCuts(many, 1);
  expect(cuts.length).toBe(254);
  const below = (cut: number) => many.filter(({ input }) => (input[0] ?? 0) <= cut).length;
  expect(below(cuts[127] ?? 0) / many.length).toBeCloseTo(0.5, 1);
});
