/**
 * Gradient-boosted stumps for tabular risk: a sum of steps, each over one feature, added up as log-odds. Since no stump
 * looks at two features, the share of a feature is the sum of its own stumps: contributions are exact and add up.
 */
import type { Contribution, FeatureValues, Prediction } from "../predict.ts";
import { baseRate, toPrediction } from "../predict.ts";

export type BoostedStumps = {
  readonly kind: "boosted-stumps";
  /** How far ahead the probability looks. */
  readonly horizonDays: number;
  /** Log-odds before any stump: those of the share of positives in the training examples. */
  readonly intercept: number;
  readonly features: readonly {
    readonly name: string /** Stands for a missing value. */;
    readonly mean: number;
  }[];
  readonly stumps: readonly Stump[];
};

/** Thresholds are 32-bit floats, like the rows that they are compared with, so every runtime takes the same side. */
export type Stump = {
  /** Index of the feature. */
  readonly feature: number;
  readonly threshold: number;
  /** Log-odds for values up to and with the threshold. */
  readonly low: number;
  /** Log-odds for values above it. */
  readonly high: number;
};

/** Throws a RangeError for a value that is not finite. */
export function predictWithStumps(model: BoostedStumps, values: FeatureValues): Prediction {
  const row = model.features.map(({ name, mean }) => Math.fround(values[name] ?? mean));
  const at = row.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new RangeError(`expected a finite value of ${model.features[at]?.name}; got ${row[at]}`);
  const shares = new Float64Array(row.length);
  for (const { feature, threshold, low, high } of model.stumps)
    shares[feature] = (shares[feature] ?? 0) + ((row[feature] ?? 0) <= threshold ? low : high);
  return toPrediction([
    { feature: baseRate, value: model.intercept },
    ...model.features.map(({ name }, index): Contribution => ({ feature: name, value: shares[index] ?? 0 })),
  ]);
}
