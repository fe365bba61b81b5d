import { describe, expect, test } from "@jest/globals";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import { fedAvg } from "../federation/strategies.ts";
import { aggregate } from "../federation/strategy.ts";
import { predictWithStumps } from "./boostedStumps.ts";
import { createLogisticRegression } from "./models.ts";
import { flatten, type Parameters, toManifest, unflatten } from "./parameters.ts";
import { boostTable, createStumpTable, toBoostedStumps } from "./stumpTable.ts";
import { type Measured, measure, type Sample } from "./trainable.ts";
import { trainLocally } from "./trainLocally.ts";

const random = createSeededRandom("stump table");
const options = { inputs: 3, cuts: [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2] };
const model = createStumpTable(options);
const start = model.initialise(random.next);

/** High where the first is in the middle, and where the second is not: no line tells them apart. */
function sampleAt(shift: number): Sample {
  const input = Float32Array.from({ length: 3 }, () => random.nextNormal() + shift);
  const [a = 0, b = 0] = input;
  return {
    input,
    label: (Math.abs(a) < 1 ? 1 : 0) + (Math.abs(b) > 1 ? 1 : 0) + 0.4 * random.nextNormal() > 0.8 ? 1 : 0,
  };
}
const samplesAt = (shift: number, count: number) => Array.from({ length: count }, () => sampleAt(shift));
const plus = (base: Parameters, change: Float32Array) =>
  unflatten(
    toManifest(base),
    flatten(base).map((value, at) => value + (change[at] ?? 0)),
  );

describe("a table of stumps", () => {
  test("learns by boosting what logistic regression cannot", () => {
    const [training, holdOut] = [samplesAt(0, 600), samplesAt(0, 600)];
    const { delta, loss, samples } = boostTable(options, start, training, { stumps: 60, learningRate: 0.3 });
    const learned = plus(start, delta);
    expect(samples).toBe(600);
    expect(loss).toBeCloseTo(measure(model, learned, training).loss, 4);
    const straight = createLogisticRegression(3);
    const lined = trainLocally(straight, straight.initialise(random.next), training, {
      epochs: 20,
      batchSize: 10,
      learningRate: 0.05,
      proximal: 0,
      random: random.next,
    });
    const byLine = plus(
      straight.initialise(random.next).map((tensor) => ({ ...tensor, values: tensor.values.fill(0) })),
      lined.delta,
    );
    expect(measure(model, learned, holdOut).accuracy).toBeGreaterThan(
      measure(straight, byLine, holdOut).accuracy + 0.1,
    );
  });

  test("is learned by three regions in rounds, though each sees another part of the world", () => {
    const regions = [-0.7, 0, 0.7].map((shift) => samplesAt(shift, 250));
    const holdOut = [-0.7, 0, 0.7].flatMap((shift) => samplesAt(shift, 200));
    let parameters = start;
    const measured: Measured[] = [];
    for (let round = 0; round < 8; round += 1) {
      const base = parameters;
      const updates = regions.map((rows, at) => ({
        participant: String(at),
        samples: rows.length,
        delta: boostTable(options, base, rows, { stumps: 5, learningRate: 0.3 }).delta,
      }));
      parameters = plus(base, aggregate(fedAvg, updates, {}).change);
      measured.push(measure(model, parameters, holdOut));
    }
    expect(measured.at(-1)?.accuracy).toBeGreaterThan(0.8);
    expect(measured.at(-1)?.loss).toBeLessThan(0.8 * (measured[0]?.loss ?? 0));
  });

  test("says as a list of stumps what it says as a table, feature by feature", () => {
    const learned = plus(
      start,
      boostTable(options, start, samplesAt(0, 300), { stumps: 30, learningRate: 0.3 }).delta,
    );
    const features = ["a", "b", "c"].map((name) => ({ name, mean: 0 }));
    const listed = toBoostedStumps(options, learned, features, 30);
    for (const { input } of [...samplesAt(0, 100), { input: Float32Array.of(-2, 0.5, 2) }]) {
      const values = Object.fromEntries(features.map(({ name }, at) => [name, input[at] ?? 0]));
      expect(predictWithStumps(listed, values).probability).toBeCloseTo(
        model.predict(learned, input)[1] ?? 0,
        5,
      );
    }
  });

  test("without samples there is nothing to boost on", () => {
    expect(() => boostTable(options, start, [], { stumps: 1, learningRate: 0.3 })).toThrow(/came none/);
  });
});
