import { describe, expect, test } from "@jest/globals";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import { createDenseNetwork } from "../models/denseNetwork.ts";
import { createLogisticRegression } from "../models/models.ts";
import { flatten, toManifest, unflatten } from "../models/parameters.ts";
import { measure, type Sample } from "../models/trainable.ts";
import { trainLocally } from "../models/trainLocally.ts";
import { createAdwin } from "./adwin.ts";
import { createOnlineLearner } from "./learnOnline.ts";
import { measureForgetting } from "./measureForgetting.ts";
import { createPageHinkley } from "./pageHinkley.ts";
import { metaLearn } from "./reptile.ts";
import { createReservoir, type Remembered } from "./reservoir.ts";

const random = createSeededRandom("continual");
const bernoulli = (probability: number) => (random.next() < probability ? 1 : 0);

describe("ADWIN", () => {
  test("keeps the whole window while nothing changes, and its mean is that of the values", () => {
    const adwin = createAdwin();
    let sum = 0;
    let cuts = 0;
    for (let at = 0; at < 3_000; at += 1) {
      const value = bernoulli(0.3);
      sum += value;
      if (adwin.add(value)) cuts += 1;
    }
    expect(cuts).toBe(0);
    expect(adwin.size()).toBe(3_000);
    expect(adwin.mean()).toBeCloseTo(sum / 3_000, 10);
  });

  test("drops the old part soon after the mean has changed, and its mean becomes the new one", () => {
    const adwin = createAdwin();
    for (let at = 0; at < 1_000; at += 1) adwin.add(bernoulli(0.2));
    let until = 0;
    while (!adwin.add(bernoulli(0.8))) until += 1;
    expect(until).toBeLessThan(60);
    for (let at = 0; at < 500; at += 1) adwin.add(bernoulli(0.8));
    expect(Math.abs(adwin.mean() - 0.8)).toBeLessThan(0.08);
  });
});

describe("the Page–Hinkley test", () => {
  test("rests while the mean stands or falls, and tells when it has risen", () => {
    const detector = createPageHinkley({ tolerance: 0.05, threshold: 20, valuesMin: 30 });
    const alarms = (probability: number, count: number) =>
      Array.from({ length: count }, () => detector.add(bernoulli(probability))).filter(Boolean).length;
    expect(alarms(0.5, 500)).toBe(0);
    expect(alarms(0.2, 500)).toBe(0);
    expect(alarms(0.9, 200)).toBeGreaterThan(0);
  });
});

describe("a reservoir", () => {
  const remembered = (item: number, label: number, subjectId: string | null = null, residency = "eu") => ({
    item,
    label,
    subjectId,
    residency,
  });

  test("holds a uniform sample of each class, however many came of another", () => {
    const places = new Array<number>(10).fill(0);
    for (let run = 0; run < 400; run += 1) {
      const reservoir = createReservoir<number>(5, random.next);
      for (let item = 0; item < 1_000; item += 1) reservoir.add(remembered(item, 0));
      for (let item = 0; item < 3; item += 1) reservoir.add(remembered(item, 1));
      expect(reservoir.size()).toBe(8);
      for (const { item, label } of reservoir.pick(8, ["eu"]))
        if (label === 0) places[Math.floor(item / 100)] = (places[Math.floor(item / 100)] ?? 0) + 1;
    }
    // 2,000 picks over ten tenths: 200 each, deviation 13.
    for (const count of places) expect(Math.abs(count - 200)).toBeLessThan(70);
  });

  test("gives back only what may be where it is asked, and nothing of whom was erased", () => {
    const reservoir = createReservoir<number>(10, random.next);
    reservoir.add(remembered(1, 0, "anna", "eu"));
    reservoir.add(remembered(2, 1, "anna", "us"));
    reservoir.add(remembered(3, 0, null, "us"));
    expect(
      reservoir
        .pick(10, ["us"])
        .map(({ item }) => item)
        .sort(),
    ).toEqual([2, 3]);
    expect(reservoir.erase("anna")).toBe(2);
    expect(reservoir.pick(10, ["us", "eu"]).map(({ item }) => item)).toEqual([3]);
  });
});

describe("learning online", () => {
  const model = createLogisticRegression(2);
  /** Above or below a line that turns when the world changes. */
  const sampleOf = (angle: number): Remembered<Sample> => {
    const [x, y] = [random.nextNormal(), random.nextNormal()];
    const label = x * Math.cos(angle) + y * Math.sin(angle) > 0 ? 1 : 0;
    return { item: { input: Float32Array.of(x, y), label }, label, subjectId: null, residency: "eu" };
  };
  const options = { learningRate: 0.5, replayed: 0, reservoir: undefined, residencies: ["eu"] };

  test("predicts before it learns, so the first answer is a guess and later ones are good", () => {
    const learner = createOnlineLearner(model, model.initialise(random.next), options);
    for (let at = 0; at < 2_000; at += 1) learner.learn(sampleOf(0));
    expect(learner.accuracy()).toBeGreaterThan(0.93);
  });

  test("both detectors call a world that turns round, neither one that stands still", () => {
    const learner = createOnlineLearner(model, model.initialise(random.next), {
      ...options,
      learningRate: 0.01,
    });
    const driftsOver = (angle: number) =>
      new Set(
        Array.from({ length: 1_500 }, () => learner.learn(sampleOf(angle)).readings)
          .flat()
          .filter(({ drifted }) => drifted)
          .map(({ detector }) => detector),
      );
    driftsOver(0);
    expect(driftsOver(0)).toEqual(new Set());
    expect(driftsOver(Math.PI)).toEqual(new Set(["adwin", "page-hinkley"]));
  });

  test("with replay less of an old task is forgotten while a new one is learned", () => {
    const network = createDenseNetwork({ kind: "dense", inputs: 2, hidden: [16], classes: 2 });
    // Two regions of the plane, each with a line of its own: one network can know both.
    const taskSample = (task: number): Remembered<Sample> => {
      const sample = sampleOf(task === 0 ? 0 : Math.PI / 2);
      const input = Float32Array.from(
        sample.item.input,
        (value, at) => value + (at === 0 ? 6 * task - 3 : 0),
      );
      return { ...sample, item: { input, label: sample.label } };
    };
    const holdOuts = [0, 1].map((task) => Array.from({ length: 400 }, () => taskSample(task).item));
    const learn = (replayed: number) => {
      const learner = createOnlineLearner(network, network.initialise(createSeededRandom("net").next), {
        ...options,
        learningRate: 0.05,
        replayed,
        reservoir: createReservoir<Sample>(100, random.next),
      });
      const accuracies = [0, 1].map((task) => {
        for (let at = 0; at < 3_000; at += 1) learner.learn(taskSample(task));
        return holdOuts.map((holdOut) => measure(network, learner.parameters(), holdOut).accuracy);
      });
      return measureForgetting(accuracies);
    };
    const [without, withReplay] = [learn(0), learn(4)];
    expect(withReplay.forgetting).toBeLessThan(without.forgetting / 2);
    expect(withReplay.accuracy).toBeGreaterThan(without.accuracy);
  });
});

describe("forgetting", () => {
  test("is measured as its papers have it", () => {
    const { accuracy, backwardTransfer, forgetting } = measureForgetting([
      [0.9, 0.1, 0.1],
      [0.95, 0.8, 0.1],
      [0.7, 0.75, 0.9],
    ]);
    expect(accuracy).toBeCloseTo((0.7 + 0.75 + 0.9) / 3, 10);
    expect(backwardTransfer).toBeCloseTo((0.7 - 0.9 + 0.75 - 0.8) / 2, 10);
    expect(forgetting).toBeCloseTo((0.95 - 0.7 + 0.8 - 0.75) / 2, 10);
  });

  test("of one task has no meaning", () => {
    expect(() => measureForgetting([[1]])).toThrow(/at least 2 × 2/);
  });
});

test("Reptile finds a start from which a few samples of a new task lead further than from any start", () => {
  const model = createDenseNetwork({ kind: "dense", inputs: 2, hidden: [16], classes: 2 });
  // Every task is a circle of its own radius around the origin: alike, and none the same.
  const task = (radius: number, count: number): Sample[] =>
    Array.from({ length: count }, () => {
      const input = Float32Array.of(random.nextNormal(), random.nextNormal());
      return { input, label: Math.hypot(...input) < radius ? 1 : 0 };
    });
  const inner = { epochs: 5, batchSize: 10, learningRate: 0.1, proximal: 0, random: random.next };
  const start = model.initialise(createSeededRandom("start").next);
  const tasks = Array.from({ length: 12 }, (_, at) => task(0.8 + at * 0.06, 60));
  const learned = metaLearn(model, start, tasks, {
    iterations: 300,
    metaRate: 0.5,
    inner,
    random: random.next,
  });
  const adaptedAccuracy = (from: typeof start) => {
    const accuracies = [0.85, 1.1, 1.35].map((radius) => {
      const { delta } = trainLocally(model, from, task(radius, 10), inner);
      const weights = flatten(from).map((value, at) => value + (delta[at] ?? 0));
      return measure(model, unflatten(toManifest(from), weights), task(radius, 500)).accuracy;
    });
    return accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  };
  expect(adaptedAccuracy(learned)).toBeGreaterThan(adaptedAccuracy(start) + 0.1);
});
