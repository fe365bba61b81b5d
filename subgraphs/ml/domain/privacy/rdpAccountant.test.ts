import { describe, expect, test } from "@jest/globals";
import { composeRdp, epsilonOf, toEpsilon } from "./rdpAccountant.ts";

describe("the Rényi accountant", () => {
  test("agrees with Opacus: q 0.04, σ 1.5, 2250 steps, δ 1e-5 cost 7.32911 ± 0.001", () => {
    const { epsilon } = epsilonOf([{ samplingRate: 0.04, noiseMultiplier: 1.5, steps: 2250 }], 1e-5);
    expect(Math.abs(epsilon - 7.32911117143)).toBeLessThan(1e-3);
  });

  test("agrees with dp_accounting: a divergence of 1.1 at orders 2 to 32, δ 1e-5, is ε 1.32783806176 at 32", () => {
    const at = Array.from({ length: 31 }, (_, index) => index + 2);
    const { epsilon, order } = toEpsilon(
      at.map(() => 1.1),
      1e-5,
      at,
    );
    expect(order).toBe(32);
    expect(epsilon).toBeCloseTo(1.32783806176, 10);
  });

  test("agrees with dp_accounting: without sampling, σ 4.530877117, δ 1e-6 cost 1.0", () => {
    const { epsilon } = epsilonOf([{ samplingRate: 1, noiseMultiplier: 4.530877117, steps: 1 }], 1e-6);
    expect(epsilon).toBeCloseTo(1, 3);
  });

  test("agrees with the example in Opacus' documentation: two stretches, orders 2 to 32, cost 0.336 at 23", () => {
    const at = Array.from({ length: 31 }, (_, index) => index + 2);
    const rdp = composeRdp(
      [
        { samplingRate: 1e-5, noiseMultiplier: 1, steps: 10 },
        { samplingRate: 1e-4, noiseMultiplier: 3, steps: 4 },
      ],
      at,
    );
    const { epsilon, order } = toEpsilon(rdp, 1e-5, at);
    expect(epsilon).toBeCloseTo(0.336, 3);
    expect(order).toBe(23);
  });

  test("says what three silos without sampling would cost: 50 rounds at σ 1 are ε 60, at σ 8 are 4.1", () => {
    const spend = (noiseMultiplier: number) =>
      epsilonOf([{ samplingRate: 1, noiseMultiplier, steps: 50 }], 1e-5).epsilon;
    expect(spend(1)).toBeGreaterThan(50);
    expect(spend(8)).toBeCloseTo(4.1, 1);
  });

  test("a step more never costs less, and no step costs nothing", () => {
    const spend = (steps: number) =>
      epsilonOf([{ samplingRate: 0.01, noiseMultiplier: 1.1, steps }], 1e-5).epsilon;
    expect(spend(0)).toBe(0);
    for (const steps of [1, 10, 100, 1000]) expect(spend(steps + 1)).toBeGreaterThan(spend(steps));
  });

  test.each([
    ["no noise", { samplingRate: 0.1, noiseMultiplier: 0, steps: 1 }, /noise multiplier above 0, came 0/],
    ["a rate above 1", { samplingRate: 2, noiseMultiplier: 1, steps: 1 }, /at most 1, came 2/],
    ["half a step", { samplingRate: 0.1, noiseMultiplier: 1, steps: 0.5 }, /whole number of steps, came 0.5/],
  ])("refuses %s", (_, mechanism, message) => {
    expect(() => epsilonOf([mechanism], 1e-5)).toThrow(message);
  });
});
