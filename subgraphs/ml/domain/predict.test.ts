import { describe, expect, test } from "@jest/globals";
import { baseRate, type LogisticModel, predict } from "./predict.ts";

const model: LogisticModel = {
  kind: "logistic",
  horizonDays: 30,
  intercept: -1,
  features: [
    { name: "conflict", mean: 10, deviation: 5, weight: 0.5 },
    { name: "calm", mean: 1, deviation: 2, weight: -0.25 },
  ],
};

const contributionOf = (values: Record<string, number>, feature: string): number | undefined =>
  predict(model, values).contributions.find((one) => one.feature === feature)?.value;

describe("predict", () => {
  test("gives the base rate where every feature is average", () => {
    expect(predict(model, { conflict: 10, calm: 1 })).toMatchObject({
      logit: -1,
      probability: 1 / (1 + Math.E),
    });
  });

  test("moves the log-odds by the weight for each standard deviation", () => {
    expect(contributionOf({ conflict: 20, calm: 1 }, "conflict")).toBe(1);
    expect(contributionOf({ conflict: 10, calm: 5 }, "calm")).toBe(-0.5);
  });

  test("explains itself: contributions add up to the log-odds, strongest first", () => {
    const { contributions, logit, probability } = predict(model, { conflict: 40, calm: 3 });
    expect(contributions.map(({ feature }) => feature)).toEqual(["conflict", baseRate, "calm"]);
    expect(contributions.reduce((sum, { value }) => sum + value, 0)).toBe(logit);
    expect(Math.log(probability / (1 - probability))).toBeCloseTo(logit, 12);
  });

  test("lets a missing feature move nothing, and ignores one that the model does not know", () => {
    expect(predict(model, { unknown: 1e9 }).logit).toBe(-1);
  });

  test("stays between 0 and 1 at any extreme", () => {
    expect(predict(model, { conflict: 1e300 }).probability).toBe(1);
    expect(predict(model, { conflict: -1e300 }).probability).toBe(0);
  });

  test("refuses a value that is no finite number, by the name of its feature", () => {
    expect(() => predict(model, { conflict: Number.NaN })).toThrow(
      "expected a finite contribution of conflict; got NaN for the value NaN",
    );
    expect(() => predict(model, { calm: Number.POSITIVE_INFINITY })).toThrow("contribution of calm");
  });

  test("refuses a model with a feature that never varies, for which a deviation means nothing", () => {
    const constant = { ...model, features: [{ name: "constant", mean: 1, deviation: 0, weight: 1 }] };
    expect(() => predict(constant, { constant: 2 })).toThrow("contribution of constant");
    expect(() => predict(constant, {})).toThrow("contribution of constant");
  });
});
