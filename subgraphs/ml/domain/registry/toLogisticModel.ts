/**
 * Trained weights of a logistic regression with two classes as one whose shares add up: log-odds of class 1 against class 0
 * are the difference of the two columns.
 */
import type { Parameters } from "../models/parameters.ts";
import type { LogisticModel } from "../predict.ts";
import type { VersionParameters } from "./versionParameters.ts";

/** Undefined for what has no named features, or is no logistic regression with two classes: its shares are not a sum. */
export function toLogisticModel(
  { model, features, horizonDays }: VersionParameters,
  parameters: Parameters,
): LogisticModel | undefined {
  if (features === null || horizonDays === null || !isExplained(model, features.length)) return undefined;
  const [weights, biases] = parameters.map(({ values }) => values);
  if (!weights || !biases) throw new RangeError("expected weights and biases, came fewer tensors");
  return {
    kind: "logistic",
    horizonDays,
    intercept: (biases[1] ?? 0) - (biases[0] ?? 0),
    features: features.map((name, at) => ({
      name,
      mean: 0,
      deviation: 1,
      weight: (weights[2 * at + 1] ?? 0) - (weights[2 * at] ?? 0),
    })),
  };
}

function isExplained(model: VersionParameters["model"], inputs: number): boolean {
  return model.kind === "logistic" && model.classes === 2 && model.inputs === inputs;
}
