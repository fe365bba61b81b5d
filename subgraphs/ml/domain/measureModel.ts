import { type FeatureValues, type LogisticModel, predict } from "./predict.ts";

/** A subject of which it is known whether the event came. */
export type Example = { readonly values: FeatureValues; readonly outcome: boolean };

/** All on examples that the model did not learn from. Lower is better but for accuracy. */
export type Measurements = {
  /** Mean squared error of the probability (Brier 1950). */
  readonly brier: number;
  /** Mean negative log-likelihood, in nats. */
  readonly logLoss: number;
  /** Share on the right side of one half. */
  readonly accuracy: number;
};

/** A probability of exactly 0 or 1 that is wrong would cost infinitely much. */
const probabilityMin = 1e-15;

export function measureModel(model: LogisticModel, examples: readonly Example[]): Measurements {
  if (examples.length === 0) throw new RangeError("expected examples to measure on; got none");
  const judged = examples.map(({ values, outcome }) => {
    const { probability } = predict(model, values);
    return { probability, outcome, right: outcome ? probability : 1 - probability };
  });
  return {
    brier: mean(judged.map(({ right }) => (1 - right) ** 2)),
    logLoss: mean(judged.map(({ right }) => -Math.log(Math.max(right, probabilityMin)))),
    accuracy: mean(judged.map(({ probability, outcome }) => (probability >= 0.5 === outcome ? 1 : 0))),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
