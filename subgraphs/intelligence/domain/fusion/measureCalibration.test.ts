import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { measureCalibration, type Outcome } from "./measureCalibration.ts";

describe("measureCalibration", () => {
  test("gives Brier score with its parts, log score and reliability table", () => {
    // Brier: (0.04 + 0.04 + 0.64 + 0.04)/4 = 0.19. Overall 1/2, uncertainty 1/4.
    // Bins: 0.2 three times, 1/3 true; 0.8 once, true.
    // reliability 3/4·(0.2 − 1/3)² + 1/4·(0.8 − 1)² = 0.013333 + 0.01     = 0.023333
    // resolution  3/4·(1/3 − 1/2)² + 1/4·(1 − 1/2)² = 0.020833 + 0.0625   = 0.083333
    // 0.023333 − 0.083333 + 0.25 = 0.19. Log: −(3·ln 0.8 + ln 0.2)/4 = (0.669431 + 1.609438)/4 = 0.569717
    const [calibration] = measureCalibration([pair(0.2, 0), pair(0.2, 0), pair(0.2, 1), pair(0.8, 1)]);
    expect(calibration).toMatchObject({ horizonDays: 30, count: 4, uncertainty: 0.25 });
    expect(calibration?.brierScore).toBeCloseTo(0.19, 12);
    expect(calibration?.logScore).toBeCloseTo(0.569717, 6);
    expect(calibration?.reliability).toBeCloseTo(0.023333, 6);
    expect(calibration?.resolution).toBeCloseTo(0.083333, 6);
    expect(calibration?.within).toBeCloseTo(0, 12);
    expect(calibration?.bins.map(({ from, count }) => [from, count])).toEqual([
      [0.2, 3],
      [0.8, 1],
    ]);
    expect(calibration?.bins[0]?.frequency).toBeCloseTo(1 / 3, 12);
  });

  test("tells apart what is lost because forecasts of one bin differ", () => {
    // Brier (0.0121 + 0.6561)/2 = 0.3341; mean forecast 0.15, frequency 0.5: reliability 0.1225, uncertainty 0.25.
    const [calibration] = measureCalibration([pair(0.11, 0), pair(0.19, 1)]);
    expect(calibration?.reliability).toBeCloseTo(0.1225, 12);
    expect(calibration?.resolution).toBe(0);
    expect(calibration?.within).toBeCloseTo(0.3341 - 0.3725, 12);
  });

  test("keeps horizons apart, nearest first", () => {
    const calibrations = measureCalibration([pair(0.5, 1, 90), pair(1, 1, 7), pair(0, 0, 7)]);
    expect(calibrations.map(({ horizonDays, brierScore }) => [horizonDays, brierScore])).toEqual([
      [7, 0],
      [90, 0.25],
    ]);
  });

  test("a certain forecast that was wrong costs much, not infinity", () => {
    // −ln 1e-9
    expect(measureCalibration([pair(1, 0)])[0]?.logScore).toBeCloseTo(20.723, 3);
  });

  test("gives nothing for nothing, and refuses what is no probability", () => {
    expect(measureCalibration([])).toEqual([]);
    for (const forecast of [-0.1, 1.1, Number.NaN])
      expect(() => measureCalibration([pair(forecast, 1)])).toThrow(
        "forecast: expected a probability, 0 to 1",
      );
  });

  test("forecasts that are equal within each bin leave nothing within", () => {
    const forecasts = fc.constantFrom(0.05, 0.15, 0.35, 0.65, 0.95);
    const outcomes = fc.array(fc.tuple(forecasts, fc.constantFrom(0 as const, 1 as const)), { minLength: 1 });
    fc.assert(
      fc.property(outcomes, (pairs) => {
        const [calibration] = measureCalibration(pairs.map(([forecast, outcome]) => pair(forecast, outcome)));
        expect(calibration?.within).toBeCloseTo(0, 9);
      }),
      { seed: 6, numRuns: 100 },
    );
  });
});

function pair(forecast: number, outcome: 0 | 1, horizonDays = 30): Outcome {
  return { forecast, outcome, horizonDays };
}
