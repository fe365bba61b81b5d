/**
 * Logistic regression over standardised features. It is the baseline because a reader can check it by hand: each
 * feature moves the log-odds by `weight` for each standard deviation that it lies from its mean.
 */

export type LogisticModel = {
  readonly kind: "logistic";
  /** How far ahead the probability looks. */
  readonly horizonDays: number;
  /** Log-odds of the event where every feature is at its mean. */
  readonly intercept: number;
  readonly features: readonly LogisticFeature[];
};

export type LogisticFeature = {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
  readonly weight: number;
};

/** By name of the feature. A feature without a value counts as average: it moves nothing. */
export type FeatureValues = Readonly<Record<string, number>>;

export type Contribution = { readonly feature: string; readonly value: number };

export type Prediction = {
  readonly probability: number;
  /** Sum of the contributions. */
  readonly logit: number;
  /** Strongest first. */
  readonly contributions: readonly Contribution[];
};

/** The share of the intercept, so that contributions add up to the log-odds. */
export const baseRate = "base-rate";

export function predict(model: LogisticModel, values: FeatureValues): Prediction {
  const contributions = [
    { feature: baseRate, value: model.intercept },
    ...model.features.map((feature) => ({ feature: feature.name, value: contribute(feature, values) })),
  ];
  return toPrediction(contributions);
}

/** Of shares that add up to the log-odds. */
export function toPrediction(shares: readonly Contribution[]): Prediction {
  const contributions = [...shares].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const logit = contributions.reduce((sum, { value }) => sum + value, 0);
  return { probability: 1 / (1 + Math.exp(-logit)), logit, contributions };
}

/** Throws rather than let a broken value or a broken model (a deviation of 0) become a probability of NaN. */
function contribute({ name, mean, deviation, weight }: LogisticFeature, values: FeatureValues): number {
  const value = values[name] ?? mean;
  const contribution = (weight * (value - mean)) / deviation;
  if (Number.isFinite(contribution)) return contribution;
  throw new RangeError(
    `expected a finite contribution of ${name}; got ${contribution} for the value ${value}`,
  );
}
