import { describe, expect, test } from "@jest/globals";
import { fitLogistic } from "./fitLogistic.ts";

/** Of x = 0 one in four is true, of x = 1 three in four. */
const rows = [[0], [0], [0], [0], [1], [1], [1], [1]];
const labels = [1, 0, 0, 0, 1, 1, 1, 0] as const;

describe("fitLogistic", () => {
  test("finds the log-odds of two groups: logit(1/4) = −ln 3, and logit(3/4) − logit(1/4) = 2·ln 3", () => {
    const [intercept, slope] = fitLogistic(rows, labels, 0);
    expect(intercept).toBeCloseTo(-Math.log(3), 9);
    expect(slope).toBeCloseTo(2 * Math.log(3), 9);
  });

  test("at its answer with a ridge λ the residuals of a column add up to λ·coefficient, of the intercept to 0", () => {
    const [intercept = 0, slope = 0] = fitLogistic(rows, labels, 0.5);
    const residuals = rows.map(
      ([x = 0], index) => (labels[index] ?? 0) - 1 / (1 + Math.exp(-intercept - slope * x)),
    );
    expect(residuals.reduce((total, one) => total + one, 0)).toBeCloseTo(0, 9);
    expect(residuals.slice(4).reduce((total, one) => total + one, 0)).toBeCloseTo(0.5 * slope, 9);
    expect(slope).toBeLessThan(2 * Math.log(3));
  });

  test.each([
    ["a column that settles everything", [[0], [0], [1], [1]], [0, 0, 1, 1] as const],
    [
      "columns that are the same",
      [
        [0, 0],
        [1, 1],
        [0, 0],
        [1, 1],
      ],
      [0, 1, 1, 0] as const,
    ],
  ])("throws without a ridge for %s, and answers with one", (_title, table, truths) => {
    expect(() => fitLogistic(table, truths, 0)).toThrow("raise the ridge");
    expect(fitLogistic(table, truths, 1).every(Number.isFinite)).toBe(true);
  });
});
