/** What a trainer needs of a model; each kind (logistic, twoLayer, convolutional) is one file that makes one of these. */
import type { Parameters } from "./parameters.ts";

/** One labelled record. */
export type Sample = {
  /** As long as the model's input. */
  readonly input: Float32Array;
  /** Index of the class, from 0. */
  readonly label: number;
};

export type Trainable = {
  /** Such as `2nn`. */
  readonly kind: string;
  readonly inputs: number;
  readonly classes: number;
  /** Small random values out of `random` (uniform on [0, 1)), so that equal seeds give equal models. */
  readonly initialise: (random: () => number) => Parameters;
  /** Probability of each class. */
  readonly predict: (parameters: Parameters, input: Float32Array) => Float32Array;
  /**
   * Adds the gradient of the cross-entropy of one sample to `into` (flattened, in the order of the tensors) and returns
   * the loss in nats.
   */
  readonly addGradient: (parameters: Parameters, sample: Sample, into: Float32Array) => number;
};

export type Measured = { readonly loss: number; readonly accuracy: number };

/** Mean cross-entropy in nats and share of right answers. */
export function measure(model: Trainable, parameters: Parameters, samples: readonly Sample[]): Measured {
  if (samples.length === 0) throw new RangeError("expected samples to measure on, came none");
  let loss = 0;
  let right = 0;
  for (const { input, label } of samples) {
    const probabilities = model.predict(parameters, input);
    loss -= Math.log(Math.max(probabilities[label] ?? 0, probabilityMin));
    if (indexOfMax(probabilities) === label) right += 1;
  }
  return { loss: loss / samples.length, accuracy: right / samples.length };
}

/** Softmax in place, shifted by the maximum so that nothing overflows. */
export function softmax(logits: Float32Array): Float32Array {
  let max = Number.NEGATIVE_INFINITY;
  for (const logit of logits) max = Math.max(max, logit);
  let sum = 0;
  for (let index = 0; index < logits.length; index += 1) {
    const value = Math.exp((logits[index] ?? 0) - max);
    logits[index] = value;
    sum += value;
  }
  for (let index = 0; index < logits.length; index += 1) logits[index] = (logits[index] ?? 0) / sum;
  return logits;
}

/** A wrong certainty costs much, not infinitely much. */
export const probabilityMin = 1e-12;

function indexOfMax(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index += 1)
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  return best;
}
