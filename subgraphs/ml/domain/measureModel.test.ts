import { describe, expect, test } from "@jest/globals";
import { measureModel } from "./measureModel.ts";
import type { LogisticModel } from "./predict.ts";

/** Log-odds equal the feature, so that expected values can be worked out by hand. */
const model: LogisticModel = {
  kind: "logistic",
  horizonDays: 30,
  intercept: 0,
  features: [{ name: "x", mean: 0, deviation: 1, weight: 1 }],
};
const logitOf = (probability: number): number => Math.log(probability / (1 - probability));

describe("measureModel", () => {
  test("agrees with values worked out by hand", () => {
    const measured = measureModel(model, [
      { values: { x: logitOf(0.9) }, outcome: true },
      { values: { x: logitOf(0.6) }, outcome: false },
    ]);
    expect(measured.brier).toBeCloseTo((0.1 ** 2 + 0.6 ** 2) / 2, 12);
    expect(measured.logLoss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.4)) / 2, 12);
    expect(measured.accuracy).toBe(0.5);
  });

  test("gives a model that knows nothing a Brier score of a quarter and ln 2", () => {
    const measured = measureModel({ ...model, features: [] }, [
      { values: {}, outcome: true },
      { values: {}, outcome: false },
    ]);
    expect(measured).toEqual({ brier: 0.25, logLoss: Math.LN2, accuracy: 0.5 });
  });

  test("bounds what certainty costs when it is wrong", () => {
    expect(measureModel(model, [{ values: { x: 1e6 }, outcome: false }]).logLoss).toBeCloseTo(
      -Math.log(1e-15),
      6,
    );
  });

  test("refuses to measure on nothing", () => {
    expect(() => measureModel(model, [])).toThrow("expected examples");
  });
});
