import { describe, expect, test } from "@jest/globals";
import { driftThreshold, measureStability } from "./measureStability.ts";

const ramp = Array.from({ length: 1000 }, (_, index) => index / 1000);

describe("measureStability", () => {
  test("is 0 for the reference itself, whatever its order", () => {
    expect(measureStability(ramp, [...ramp].reverse())).toBe(0);
  });

  test("agrees with the formula where two bins change places", () => {
    const reference = [...new Array(50).fill(0), ...new Array(50).fill(1)];
    const sample = [...new Array(75).fill(0), ...new Array(25).fill(1)];
    const expected = 0.25 * Math.log(1.5) - 0.25 * Math.log(0.5);
    expect(measureStability(reference, sample, 2)).toBeCloseTo(expected, 12);
  });

  test("calls a shift of half the range drift, and one of a hundredth none", () => {
    expect(
      measureStability(
        ramp,
        ramp.map((value) => value + 0.5),
      ),
    ).toBeGreaterThan(driftThreshold);
    expect(
      measureStability(
        ramp,
        ramp.map((value) => value + 0.01),
      ),
    ).toBeLessThan(driftThreshold);
  });

  test("stays finite for values that the reference never had", () => {
    expect(Number.isFinite(measureStability(ramp, [1e9, -1e9]))).toBe(true);
  });

  test("refuses too little to compare with", () => {
    expect(() => measureStability([1, 2, 3], [1])).toThrow("at least 10");
    expect(() => measureStability(ramp, [])).toThrow("expected a sample");
  });
});
