import { describe, expect, test } from "@jest/globals";
import type { LogisticModel } from "../../domain/predict.ts";
import { generateExamples, generateFeatures } from "./generateExamples.ts";

const model: LogisticModel = {
  kind: "logistic",
  horizonDays: 30,
  intercept: 0,
  features: [{ name: "x", mean: 10, deviation: 2, weight: 1 }],
};
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("generateFeatures", () => {
  test("gives the same values for the same key and others for another", () => {
    expect(generateFeatures(model, "a")).toEqual(generateFeatures(model, "a"));
    expect(generateFeatures(model, "a")).not.toEqual(generateFeatures(model, "b"));
  });

  test("lies around the mean with the deviation that the model names, moved by `shift` deviations", () => {
    for (const shift of [0, 1]) {
      const values = Array.from(
        { length: 2_000 },
        (_, key) => generateFeatures(model, String(key), shift).x ?? 0,
      );
      const mean = meanOf(values);
      expect(Math.abs(mean - (10 + 2 * shift))).toBeLessThan(0.15);
      expect(Math.abs(Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2))) - 2)).toBeLessThan(0.1);
    }
  });

  test("never gives less than 0", () => {
    const wide = { ...model, features: [{ name: "x", mean: 1, deviation: 50, weight: 1 }] };
    const values = Array.from({ length: 200 }, (_, key) => generateFeatures(wide, String(key)).x ?? -1);
    expect(Math.min(...values)).toBe(0);
  });
});

test("generateExamples lets the event come as often as the model says", () => {
  const share = meanOf(generateExamples(model, "share", 2_000).map(({ outcome }) => (outcome ? 1 : 0)));
  expect(Math.abs(share - 0.5)).toBeLessThan(0.04);
});
