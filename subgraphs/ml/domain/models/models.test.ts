import { describe, expect, test } from "@jest/globals";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import { createConvolutionalNetwork } from "./convolutionalNetwork.ts";
import { createDenseNetwork } from "./denseNetwork.ts";
import { createLogisticRegression, twoLayerNetwork } from "./models.ts";
import { flatten, fromBytes, hashTensors, sizeOf, toBytes, toManifest, unflatten } from "./parameters.ts";
import { measure, type Sample, type Trainable } from "./trainable.ts";
import { trainLocally } from "./trainLocally.ts";

const random = createSeededRandom("models");
const smallDense = createDenseNetwork({ kind: "dense", inputs: 6, hidden: [5, 4], classes: 3 });
const smallConvolution = createConvolutionalNetwork({
  kind: "cnn",
  side: 8,
  filters: 3,
  kernel: 3,
  classes: 4,
});

function sampleOf(model: Trainable): Sample {
  return {
    input: Float32Array.from({ length: model.inputs }, () => random.nextNormal()),
    label: Math.floor(random.next() * model.classes),
  };
}

describe.each<[string, Trainable]>([
  ["logistic regression", createLogisticRegression(6, 3)],
  ["a network with two hidden layers", smallDense],
  ["a convolutional network", smallConvolution],
])("%s", (_, model) => {
  test("has the gradient that finite differences show", () => {
    const parameters = model.initialise(random.next);
    const weights = flatten(parameters);
    const manifest = toManifest(parameters);
    const sample = sampleOf(model);
    const gradient = new Float32Array(weights.length);
    const loss = model.addGradient(parameters, sample, gradient);
    const lossAt = (at: number, shift: number) => {
      const moved = Float32Array.from(weights);
      moved[at] = (moved[at] ?? 0) + shift;
      return measure(model, unflatten(manifest, moved), [sample]).loss;
    };
    expect(loss).toBeCloseTo(lossAt(0, 0), 5);
    const step = 1e-3;
    for (let at = 0; at < weights.length; at += 3) {
      const numeric = (lossAt(at, step) - lossAt(at, -step)) / (2 * step);
      expect([at, Math.abs(numeric - (gradient[at] ?? 0)) < 2e-3 + 0.02 * Math.abs(numeric)]).toEqual([
        at,
        true,
      ]);
    }
  });

  test("gives probabilities that add up to one", () => {
    const probabilities = model.predict(model.initialise(random.next), sampleOf(model).input);
    expect(probabilities).toHaveLength(model.classes);
    expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  test("starts alike from equal seeds", () => {
    const hashOf = (seed: string) => hashTensors(model.initialise(createSeededRandom(seed).next));
    expect(hashOf("a")).toBe(hashOf("a"));
    expect(hashOf("a")).not.toBe(hashOf("b"));
  });
});

test("the 2NN has the 199,210 parameters of McMahan et al. 2017", () => {
  expect(sizeOf(twoLayerNetwork.initialise(random.next))).toBe(199_210);
});

describe("local training", () => {
  const model = createDenseNetwork({ kind: "dense", inputs: 2, hidden: [8], classes: 2 });
  // Exclusive or: no straight line tells the classes apart.
  const samples: readonly Sample[] = Array.from({ length: 200 }, () => {
    const [x, y] = [random.next() * 2 - 1, random.next() * 2 - 1];
    return { input: Float32Array.of(x, y), label: x * y > 0 ? 1 : 0 };
  });
  const options = { epochs: 60, batchSize: 10, learningRate: 0.3, proximal: 0, random: random.next };

  test("learns what a straight line cannot tell apart", () => {
    const base = model.initialise(createSeededRandom("xor").next);
    const { delta, samples: count } = trainLocally(model, base, samples, options);
    const start = flatten(base);
    const after = unflatten(
      toManifest(base),
      start.map((value, at) => value + (delta[at] ?? 0)),
    );
    expect(count).toBe(200);
    expect(measure(model, base, samples).accuracy).toBeLessThan(0.8);
    expect(measure(model, after, samples).accuracy).toBeGreaterThan(0.93);
    expect(flatten(base)).toEqual(start);
  });

  test("the proximal term of FedProx keeps the weights nearer to those of the round", () => {
    const base = model.initialise(createSeededRandom("prox").next);
    const wayOf = (proximal: number) => {
      const { delta } = trainLocally(model, base, samples, {
        ...options,
        proximal,
        random: createSeededRandom("order").next,
      });
      return Math.hypot(...delta);
    };
    expect(wayOf(1)).toBeLessThan(wayOf(0.1));
    expect(wayOf(0.1)).toBeLessThan(wayOf(0));
  });

  test("frozen tensors stay as they are while the others learn", () => {
    const base = model.initialise(random.next);
    const frozen = ["layer0.weights", "layer0.biases"];
    const { delta } = trainLocally(model, base, samples, { ...options, epochs: 3, frozen });
    for (const { name, values } of unflatten(toManifest(base), delta))
      expect([name, values.every((value) => value === 0)]).toEqual([name, frozen.includes(name)]);
  });

  test("without samples there is nothing to train on", () => {
    expect(() => trainLocally(model, model.initialise(random.next), [], options)).toThrow(/came none/);
  });
});

describe("parameters", () => {
  test("survive being flattened, sent and put together again", () => {
    const parameters = smallDense.initialise(random.next);
    const vector = fromBytes(toBytes(flatten(parameters)));
    expect(hashTensors(unflatten(toManifest(parameters), vector))).toBe(hashTensors(parameters));
  });

  test("of another length are refused", () => {
    const manifest = toManifest(smallDense.initialise(random.next));
    expect(() => unflatten(manifest, new Float32Array(3))).toThrow(/expected 74 parameters, came 3/);
    expect(() => fromBytes(new Uint8Array(5))).toThrow(/multiple of 4 bytes, came 5/);
  });
});
