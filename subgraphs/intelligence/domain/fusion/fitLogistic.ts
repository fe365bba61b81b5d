/**
 * Logistic regression with a ridge on all but the intercept, by Newton's method (Hastie, Tibshirani and Friedman,
 * "The Elements of Statistical Learning", 2nd ed., section 4.4.1). For tables of a few columns: a step solves a dense
 * system.
 */
import { fromLogOdds, sum } from "./logOdds.ts";

const stepsMax = 100;
const stepMin = 1e-9;

/** Coefficients, the intercept first. `rows` come without a column for it. Throws where there is no finite answer. */
export function fitLogistic(
  rows: readonly (readonly number[])[],
  labels: readonly (0 | 1)[],
  ridge: number,
): readonly number[] {
  const table = rows.map((row) => [1, ...row]);
  const width = table[0]?.length ?? 0;
  const ridges = Array.from({ length: width }, (_, column) => (column === 0 ? 0 : ridge));
  let coefficients: readonly number[] = ridges.map(() => 0);
  for (let step = 0; step < stepsMax; step += 1) {
    const predicted = table.map((row) => fromLogOdds(dot(row, coefficients)));
    const gradient = ridges.map(
      (penalty, column) =>
        sum(table.map((row, index) => at(row, column) * (at(labels, index) - at(predicted, index)))) -
        penalty * at(coefficients, column),
    );
    const curvature = ridges.map((penalty, i) =>
      ridges.map(
        (_, j) =>
          sum(table.map((row, index) => at(row, i) * at(row, j) * spread(at(predicted, index)))) +
          (i === j ? penalty : 0),
      ),
    );
    const change = solve(curvature, gradient);
    coefficients = coefficients.map((value, column) => value + at(change, column));
    if (Math.max(...change.map(Math.abs)) < stepMin) return coefficients;
  }
  throw new Error(`expected logistic regression to settle; it did not in ${stepsMax} steps: raise the ridge`);
}

export function dot(left: readonly number[], right: readonly number[]): number {
  return sum(left.map((value, index) => value * at(right, index)));
}

/** The variance of a coin that falls on its head with this probability. */
function spread(probability: number): number {
  return probability * (1 - probability);
}

/** Gauss with the largest pivot of each column. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  let left = matrix.map((row, index) => [...row, at(right, index)]);
  for (let column = 0; column < right.length; column += 1) {
    const rest = left.slice(column).sort((a, b) => Math.abs(at(b, column)) - Math.abs(at(a, column)));
    const [pivot = []] = rest;
    if (Math.abs(at(pivot, column)) < 1e-12)
      throw new Error("expected columns that do not follow from each other; raise the ridge");
    const scaled = pivot.map((value) => value / at(pivot, column));
    const clear = (row: readonly number[]) =>
      row.map((value, index) => value - at(row, column) * at(scaled, index));
    left = [...left.slice(0, column).map(clear), scaled, ...rest.slice(1).map(clear)];
  }
  return left.map((row) => at(row, right.length));
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`expected at least ${index + 1} values; got ${values.length}`);
  return value;
}
