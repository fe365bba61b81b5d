/** Scores in plain code, one row after the other: what every other runtime is compared with. */
import { predictWithStumps } from "../domain/models/boostedStumps.ts";
import { type FeatureValues, type Prediction, predict } from "../domain/predict.ts";
import { createModel } from "../domain/rounds/runTask.ts";
import type { Content } from "./content.ts";

/** One probability for a model over named features; one for each class for a network. */
export type ScoreRow = (row: Float32Array) => Float32Array;

export function createScorePlainly(content: Content): ScoreRow {
  if (content.kind === "network") {
    const model = createModel(content.model);
    return (row) => model.predict(content.parameters, row);
  }
  const names = content.features.map(({ name }) => name);
  return (row) => {
    const values = Object.fromEntries(names.map((name, at) => [name, row[at] ?? Number.NaN]));
    return Float32Array.of(explain(content, values).probability);
  };
}

/** Contributions are exact for both: each is a sum over features. */
export function explain(content: Exclude<Content, { kind: "network" }>, values: FeatureValues): Prediction {
  return content.kind === "logistic" ? predict(content, values) : predictWithStumps(content, values);
}

/** Multiplications, or steps of as much work, that one row takes in plain code. */
export function countOperations(content: Content): number {
  return rowOperations + operationsOf(content);
}

/** What every row costs before anything is multiplied, in multiplications. Measured: `npm run bench:inference`. */
const rowOperations = 3_000;

function operationsOf(content: Content): number {
  if (content.kind === "logistic") return content.features.length;
  if (content.kind === "boosted-stumps") return content.stumps.length;
  const dense = content.parameters.reduce((sum, { values }) => sum + values.length, 0);
  if (content.model.kind !== "cnn") return dense;
  const { side, kernel, filters } = content.model;
  return dense + (side - kernel + 1) ** 2 * kernel ** 2 * filters;
}

/** Values in a row, and scores for it. */
export function widthsOf(content: Content): { readonly inputs: number; readonly outputs: number } {
  if (content.kind !== "network") return { inputs: content.features.length, outputs: 1 };
  const { inputs, classes } = createModel(content.model);
  return { inputs, outputs: classes };
}
