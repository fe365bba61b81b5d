import { describe, expect, test } from "@jest/globals";
import { coordinateMedian, krum, trimmedMean, weightedMean } from "./combine.ts";
import {
  fedAdam,
  fedAvg,
  fedAvgM,
  fedKrum,
  fedProx,
  fedTrimmedMean,
  reptile,
  strategies,
} from "./strategies.ts";
import { aggregate, type Update } from "./strategy.ts";

const update = (values: readonly number[], samples = 1, participant = String(values)): Update => ({
  participant,
  samples,
  delta: Float32Array.from(values),
});
const scalars = (...values: readonly number[]) => values.map((value) => update([value]));
const listOf = (values: Float32Array) => Array.from(values, (value) => Number(value.toFixed(6)));

describe("combining updates, by the vectors of Flower's own tests", () => {
  test("trimmed mean, β 0.25", () => {
    const rows = [
      [0.5, 0.5, 0.5, 0.5],
      [1, 0.2, 0.5, 1],
      [0.2, 0.5, 1, 0.2],
      [0.5, 1, 0.2, 0.5],
    ];
    const { delta } = trimmedMean(0.25)(rows.map((row) => update(row)));
    expect(listOf(delta)).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(listOf(trimmedMean(0.25)(scalars(0.5, 1, 2, 100)).delta)).toEqual([1.5]);
  });

  test("Krum with one attacker takes 0.7 of 0.2, 0.7 and 1.0", () => {
    const { delta, counted } = krum(1)(scalars(0.2, 0.7, 1));
    expect(listOf(delta)).toEqual([0.7]);
    expect(counted).toEqual(["0.7"]);
  });

  test("Krum orders the others by their distances where one is not a number", () => {
    expect(krum(1, 2)(scalars(0.5, 0.6, Number.NaN, 0.5, 9)).counted).toEqual(
      krum(1, 2)(scalars(0.5, 0.6, 0.5, 9)).counted,
    );
  });

  test("MultiKrum with one attacker and two kept takes 0.35 of 0.2, 0.5 and 1.0", () => {
    expect(listOf(krum(1, 2)(scalars(0.2, 0.5, 1)).delta)).toEqual([0.35]);
  });
});

describe("combining updates", () => {
  test("the mean is weighted by samples", () => {
    expect(listOf(weightedMean([update([1, 0], 30), update([0, 1], 10)]).delta)).toEqual([0.75, 0.25]);
  });

  test("the median gives each participant one voice, whatever samples it claims", () => {
    const updates = [update([1], 1), update([2], 1e9), update([3], 1)];
    expect(listOf(coordinateMedian(updates).delta)).toEqual([2]);
    expect(listOf(coordinateMedian(scalars(1, 2, 3, 10)).delta)).toEqual([2.5]);
  });

  test("one attacker in five moves robust rules little and the mean as far as it likes", () => {
    const updates = [...scalars(0.9, 1, 1.1, 1.05), update([-1000])];
    for (const combine of [coordinateMedian, trimmedMean(0.2), krum(1), krum(1, 2)])
      expect(Math.abs((combine(updates).delta[0] ?? 0) - 1)).toBeLessThan(0.2);
    expect(weightedMean(updates).delta[0]).toBeLessThan(-100);
  });
});

describe("strategies", () => {
  test("every one cites its paper and says how few updates it takes", () => {
    for (const { name, source, updatesMin } of strategies) {
      expect(source).toMatch(/et al\. 20\d\d, .+(Algorithm|Definition|§)/);
      expect([name, updatesMin >= 1]).toEqual([name, true]);
    }
    expect(new Set(strategies.map(({ name }) => name)).size).toBe(strategies.length);
  });

  test("FedProx only changes what participants do", () => {
    expect({ ...fedProx(0.3), name: "", source: "" }).toEqual({
      ...fedAvg,
      proximal: 0.3,
      name: "",
      source: "",
    });
  });

  test("momentum goes on in the direction of earlier rounds", () => {
    const first = aggregate(fedAvgM(0.5), [update([1])], {});
    expect(listOf(first.change)).toEqual([1]);
    const second = aggregate(fedAvgM(0.5), [update([1])], first.state);
    expect(listOf(second.change)).toEqual([1.5]);
  });

  test("Reptile moves the start half of the way to the mean of its tasks, however many samples each has", () => {
    expect(listOf(aggregate(reptile(0.5), [update([1], 1000), update([3], 1)], {}).change)).toEqual([1]);
  });

  test("Adam's steps have one size whatever the size of the update", () => {
    const options = { learningRate: 0.1, beta1: 0, beta2: 0, tau: 1e-9 };
    for (const size of [0.01, 100])
      expect(aggregate(fedAdam(options), [update([size, -size])], {}).change[0]).toBeCloseTo(0.1, 5);
  });

  test("too few updates, or of different lengths, are refused", () => {
    expect(() => aggregate(fedKrum(1), scalars(1, 2, 3, 4), {})).toThrow(
      /Krum: expected at least 5 updates, came 4/,
    );
    expect(() => aggregate(fedTrimmedMean(0.2), scalars(1, 2), {})).toThrow(/at least 5 updates, came 2/);
    expect(() => aggregate(fedAvg, [update([1]), update([1, 2])], {})).toThrow(/one length, came 1 and 2/);
  });
});
