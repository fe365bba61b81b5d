/**
 * Boosted stumps that several participants train together. With cuts agreed on before, any number of stumps over a feature is
 * one value for each of its bins, so the model is a table of features × bins (in log-odds), and what stumps were added is a
 * difference of tables: a vector that rounds can average, mask and encrypt as they do weights. Every participant boosts
 * from the table of the round, and the mean of what they added is an ensemble in which each counts by its samples.
 */
import type { BoostedStumps, Stump } from "./boostedStumps.ts";
import { addStump, binOf, chooseStump, sumHistogram } from "./boostStumps.ts";
import { flatten, type Parameters, toManifest, unflatten } from "./parameters.ts";
import { probabilityMin, type Sample, softmax, type Trainable } from "./trainable.ts";
import type { LocalResult } from "./trainLocally.ts";

export type StumpTableOptions = {
  readonly inputs: number;
  /** Ascending; the same for each feature, so features are expected on one scale. */
  readonly cuts: readonly number[];
};

/** Two classes. Its gradient is that of the cells that a sample falls into. */
export function createStumpTable({ inputs, cuts: values }: StumpTableOptions): Trainable {
  const cuts = Float32Array.from(values);
  const bins = cuts.length + 1;
  const cellOf = (input: Float32Array, feature: number): number =>
    feature * bins + binOf(input[feature] ?? 0, cuts);
  const predict: Trainable["predict"] = (parameters, input) => {
    const [table, intercept] = tensorsOf(parameters);
    let logit = intercept[0] ?? 0;
    for (let feature = 0; feature < inputs; feature += 1) logit += table[cellOf(input, feature)] ?? 0;
    return softmax(Float32Array.of(0, logit));
  };
  return {
    kind: "stumps",
    inputs,
    classes: 2,
    initialise: () => [
      { name: "table", shape: [inputs, bins], values: new Float32Array(inputs * bins) },
      { name: "intercept", shape: [1], values: new Float32Array(1) },
    ],
    predict,
    addGradient: (parameters, { input, label }, into) => {
      const probabilities = predict(parameters, input);
      const slope = (probabilities[1] ?? 0) - label;
      for (let feature = 0; feature < inputs; feature += 1) {
        const cell = cellOf(input, feature);
        into[cell] = (into[cell] ?? 0) + slope;
      }
      into[inputs * bins] = (into[inputs * bins] ?? 0) + slope;
      return -Math.log(Math.max(probabilities[label] ?? 0, probabilityMin));
    },
  };
}

/** As many examples of weight 1 that say nothing in each leaf, and the fewest real ones. */
const regularisation = 1;
const leafMin = 5;

/** Adds `stumps` stumps to the table, fewer when none gains any more; the first step is the intercept's. */
export function boostTable(
  { inputs, cuts: values }: StumpTableOptions,
  base: Parameters,
  samples: readonly Sample[],
  { stumps, learningRate }: { readonly stumps: number; readonly learningRate: number },
): LocalResult {
  if (samples.length === 0) throw new RangeError("expected samples to train on, came none");
  const model = createStumpTable({ inputs, cuts: values });
  const start = flatten(base);
  const weights = Float32Array.from(start);
  const [table, intercept] = tensorsOf(unflatten(toManifest(base), weights));
  const cuts = Array.from({ length: inputs }, () => Float32Array.from(values));
  const logits = Float64Array.from(samples, ({ input }) => logitOf(model, base, input));
  const shift = -learningRate * stepOf(samples, logits);
  intercept[0] = (intercept[0] ?? 0) + shift;
  for (let at = 0; at < logits.length; at += 1) logits[at] = (logits[at] ?? 0) + shift;
  for (let added = 0; added < stumps; added += 1) {
    const histogram = sumHistogram(samples, logits, cuts);
    const stump = chooseStump(histogram, cuts, { stumps, learningRate, regularisation, leafMin });
    if (!stump) break;
    addToTable(table, values.length + 1, stump, cuts[stump.feature] ?? new Float32Array());
    addStump(logits, samples, stump);
  }
  const loss = samples.reduce(
    (sum, { label }, at) => sum + Math.log1p(Math.exp((label === 1 ? -1 : 1) * (logits[at] ?? 0))),
    0,
  );
  return {
    delta: weights.map((value, at) => value - (start[at] ?? 0)),
    loss: loss / samples.length,
    samples: samples.length,
  };
}

/** The same model as a list of stumps: one for each cut, the step of the table there. */
export function toBoostedStumps(
  { cuts }: StumpTableOptions,
  parameters: Parameters,
  features: BoostedStumps["features"],
  horizonDays: number,
): BoostedStumps {
  const [table, intercept] = tensorsOf(parameters);
  const bins = cuts.length + 1;
  const stumps = features.flatMap((_, feature) =>
    cuts.map((threshold, cut): Stump => {
      const [before, after] = [table[feature * bins + cut] ?? 0, table[feature * bins + cut + 1] ?? 0];
      // The first one carries the level of the lowest bin, so that it belongs to the feature.
      return {
        feature,
        threshold: Math.fround(threshold),
        ...(cut === 0 ? { low: before, high: after } : { low: 0, high: after - before }),
      };
    }),
  );
  return { kind: "boosted-stumps", horizonDays, intercept: intercept[0] ?? 0, features, stumps };
}

function addToTable(
  table: Float32Array,
  bins: number,
  { feature, threshold, low, high }: Stump,
  cuts: Float32Array,
): void {
  const lastLow = binOf(threshold, cuts);
  for (let bin = 0; bin < bins; bin += 1) {
    const cell = feature * bins + bin;
    table[cell] = (table[cell] ?? 0) + (bin <= lastLow ? low : high);
  }
}

function logitOf(model: Trainable, parameters: Parameters, input: Float32Array): number {
  const [negative = 1, positive = 0] = model.predict(parameters, input);
  return Math.log(Math.max(positive, probabilityMin)) - Math.log(Math.max(negative, probabilityMin));
}

/** Of Newton, for a constant: gradient over second derivative. */
function stepOf(samples: readonly Sample[], logits: Float64Array): number {
  let [gradient, weight] = [0, regularisation];
  for (const [at, { label }] of samples.entries()) {
    const probability = 1 / (1 + Math.exp(-(logits[at] ?? 0)));
    gradient += probability - label;
    weight += probability * (1 - probability);
  }
  return gradient / weight;
}

function tensorsOf(parameters: Parameters): readonly [Float32Array, Float32Array] {
  const [table, intercept] = parameters;
  if (!table || !intercept) throw new RangeError("expected a table and an intercept, came fewer tensors");
  return [table.values, intercept.values];
}
