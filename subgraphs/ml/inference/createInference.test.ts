/** @jest-environment ./test/support/run/oneRealm.mjs */
import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createSeededRandom } from "../../shared/seededRandom.ts";
import { boostStumps } from "../domain/models/boostStumps.ts";
import { flatten, hashTensors, type Parameters, toBytes, toManifest } from "../domain/models/parameters.ts";
import { createModel, type RunTask } from "../domain/rounds/runTask.ts";
import type { FindParameters } from "./content.ts";
import { batchRowsMax, createInference } from "./createInference.ts";
import { loadRuntime } from "./openSession.ts";

const random = createSeededRandom("inference");
const weights = new Map<string, Parameters>();
const findParameters: FindParameters = async (hash) => {
  const parameters = weights.get(hash);
  return parameters ? { manifest: toManifest(parameters), vector: toBytes(flatten(parameters)) } : null;
};
const inferenceWith = (batchWorkMin: number) =>
  createInference({ findParameters, log: pino({ level: "silent" }), batchWorkMin });
/** Every row through ONNX Runtime, and none. */
const [batched, plain] = [inferenceWith(0), inferenceWith(Number.POSITIVE_INFINITY)];

const features = ["cyber", "economy", "conflict"].map((name, at) => ({
  name,
  mean: 10 ** at * 3,
  deviation: 10 ** at,
}));
const rowsOf = (width: number, count: number, scale = 1) =>
  Array.from({ length: count }, () =>
    Float32Array.from({ length: width }, () => random.nextNormal() * scale),
  );

function trained(model: RunTask["model"], more: object = {}): { contentHash: string; parameters: object } {
  const trainable = createModel(model);
  // Biases of a fresh model are all zero, and would hide that one is forgotten.
  const parameters = trainable.initialise(random.next).map((tensor) => ({
    ...tensor,
    values: tensor.values.map((value) => value + 0.1 * random.nextNormal()),
  }));
  const contentHash = hashTensors(parameters);
  weights.set(contentHash, parameters);
  return { contentHash, parameters: { kind: "tensors", model, contentHash, ...more } };
}

const logistic = {
  contentHash: "logistic",
  parameters: {
    kind: "logistic",
    horizonDays: 30,
    intercept: -1.5,
    features: features.map((feature, at) => ({ ...feature, weight: at - 0.7 })),
  },
};
const samples = rowsOf(3, 300, 40).map((input) => ({
  input,
  label: (input[0] ?? 0) > (input[1] ?? 0) ? 1 : 0,
}));
const boosting = { stumps: 60, learningRate: 0.2, regularisation: 1, leafMin: 10 };
const stumps = { contentHash: "stumps", parameters: boostStumps(features, 14, samples, boosting) };

test("ONNX Runtime loads on this machine, so what follows compares two runtimes", async () => {
  expect(await loadRuntime((error) => expect(error).toBeUndefined())).toBeDefined();
});

describe.each<[string, { contentHash: string; parameters: unknown }, number, number]>([
  ["logistic regression", logistic, 3, 40],
  ["a logistic regression that regions trained", trained({ kind: "logistic", inputs: 5, classes: 2 }), 5, 1],
  ["one of four classes", trained({ kind: "logistic", inputs: 5, classes: 4 }), 5, 1],
  ["boosted stumps", stumps, 3, 40],
  ["stumps that regions trained", trained({ kind: "stumps", inputs: 4, cuts: [-1, 0, 0.5, 1] }), 4, 1],
  ["the 2NN", trained({ kind: "2nn" }), 784, 1],
  ["a CNN", trained({ kind: "cnn", side: 11, filters: 3, kernel: 4, classes: 5 }), 121, 1],
])("%s", (_, version, width, scale) => {
  test("says through ONNX Runtime what plain code says", async () => {
    const rows = rowsOf(width, 64, scale);
    const [expected, scores] = await Promise.all(
      [plain, batched].map(async (inference) => (await inference.load(version)).score(rows)),
    );
    expect(scores).toHaveLength(64);
    for (const [at, row] of (expected ?? []).entries())
      for (const [place, value] of row.entries())
        expect([at, place, scores?.[at]?.[place]]).toEqual([at, place, expect.closeTo(value, 5)]);
    // Not all one answer, or equality would prove little.
    expect(new Set(expected?.map(([first]) => first)).size).toBeGreaterThan(20);
  });
});

describe("values right on a threshold", () => {
  test("fall to the same side in both runtimes", async () => {
    const rows = stumps.parameters.stumps.map(({ feature, threshold }) => {
      const row = Float32Array.of(0, 0, 0);
      row[feature] = threshold;
      return row;
    });
    const [expected, scores] = await Promise.all(
      [plain, batched].map(async (inference) => (await inference.load(stumps)).score(rows)),
    );
    expect(scores?.map(([value]) => value)).toEqual(
      expected?.map(([value]) => expect.closeTo(value ?? 0, 5)),
    );
  });
});

describe("a loaded version", () => {
  test("explains a prediction by named features, those that regions trained too", async () => {
    const federated = await plain.load(
      trained({ kind: "logistic", inputs: 3, classes: 2 }, { features, horizonDays: 7 }),
    );
    expect(federated).toMatchObject({ features: ["cyber", "economy", "conflict"], horizonDays: 7 });
    const [said] = federated.predict([{ cyber: 4, economy: 20, conflict: 310 }]);
    const score = await federated.score([Float32Array.of(4, 20, 310)]);
    expect(score[0]?.[0]).toBeCloseTo(said?.probability ?? 0, 5);
    expect(said?.contributions.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(said?.logit ?? 0, 10);
    expect(
      (await plain.load(stumps))
        .predict([{}, { cyber: 90 }])
        .map(({ contributions }) => contributions.length),
    ).toEqual([4, 4]);
  });

  test("answers rows of many callers in order, however many batches they take", async () => {
    const model = await batched.load(trained({ kind: "logistic", inputs: 2, classes: 3 }));
    const rows = rowsOf(2, batchRowsMax * 2 + 7);
    const together = await model.score(rows);
    const alone = await Promise.all(rows.map(async (row) => (await model.score([row]))[0]));
    expect(together.map((row) => [...row])).toEqual(alone.map((row) => [...(row ?? [])]));
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      "a row that is too short",
      async () => (await plain.load(logistic)).score([new Float32Array(2)]),
      /row of 3 values, came 2/,
    ],
    [
      "a value that is no number",
      async () => (await plain.load(logistic)).score([Float32Array.of(1, Number.NaN, 0)]),
      /finite values, came NaN at 1/,
    ],
    [
      "names where there are pixels",
      async () => (await plain.load(trained({ kind: "2nn" }))).predict([{}]),
      /named features, came a 2nn/,
    ],
  ])("refuses %s", async (_, act, message) => {
    await expect(act()).rejects.toThrow(message);
  });
});

describe("loading", () => {
  test("is done once for each content, and a failure is not remembered", async () => {
    const version = trained({ kind: "logistic", inputs: 2, classes: 2 });
    const parameters = weights.get(version.contentHash) ?? [];
    weights.delete(version.contentHash);
    const inference = inferenceWith(0);
    await expect(inference.load(version)).rejects.toThrow(
      /weights with the hash [0-9a-f]{64}, there are none/,
    );
    weights.set(version.contentHash, parameters);
    expect(await inference.load(version)).toBe(await inference.load(version));
  });

  test.each<[string, unknown, RegExp]>([
    ["of a kind that nobody knows", { kind: "oracle" }, /a model that can answer/],
    ["without its features", { ...logistic.parameters, features: [] }, /a model that can answer/],
    [
      "whose stump asks a feature that is not there",
      { ...stumps.parameters, stumps: [{ feature: 3, threshold: 0, low: 0, high: 0 }] },
      /stumps over the model's own features/,
    ],
    [
      "with a deviation of nothing",
      { ...logistic.parameters, features: [{ ...features[0], weight: 1, deviation: 0 }] },
      /a model that can answer/,
    ],
  ])("a version %s is refused", async (name, parameters, message) => {
    await expect(inferenceWith(0).load({ contentHash: name, parameters })).rejects.toThrow(message);
  });
});
