/**
 * ClientUpdate of McMahan et al. 2017, Algorithm 1: E epochs of SGD over the own samples in batches of B. With `proximal`
 * above 0 it is that of FedProx (Li et al. 2020, Algorithm 2): (μ/2)·‖w − w₀‖² keeps the weights near those of the round.
 */
import { flatten, type Parameters, toManifest, unflatten } from "./parameters.ts";
import type { Sample, Trainable } from "./trainable.ts";

export type LocalTraining = {
  readonly epochs: number;
  /** Samples in a batch; Infinity takes all of them at once. */
  readonly batchSize: number;
  readonly learningRate: number;
  /** μ of FedProx; 0 is FedAvg. */
  readonly proximal: number;
  /** Names of tensors that stay as they are: fine-tuning of a model that was learned elsewhere. */
  readonly frozen?: readonly string[];
  /** Uniform on [0, 1); decides the order of the samples. */
  readonly random: () => number;
};

export type LocalResult = {
  /** Weights after training minus weights before. */
  readonly delta: Float32Array;
  /** Mean loss over the last epoch, in nats. */
  readonly loss: number;
  /** How many samples were learned from. */
  readonly samples: number;
};

export function trainLocally(
  model: Trainable,
  base: Parameters,
  samples: readonly Sample[],
  options: LocalTraining,
): LocalResult {
  if (samples.length === 0) throw new RangeError("expected samples to train on, came none");
  const manifest = toManifest(base);
  const start = flatten(base);
  const weights = Float32Array.from(start);
  // Views: they follow each step that is taken on `weights`.
  const parameters = unflatten(manifest, weights);
  const gradient = new Float32Array(weights.length);
  const frozenGradients = unflatten(manifest, gradient).filter(({ name }) => options.frozen?.includes(name));
  const batchSize = Math.min(options.batchSize, samples.length);
  let loss = 0;
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    loss = 0;
    const order = shuffle(samples.length, options.random);
    for (let from = 0; from < order.length; from += batchSize) {
      const batch = order.slice(from, from + batchSize);
      gradient.fill(0);
      for (const index of batch) {
        const sample = samples[index];
        if (sample) loss += model.addGradient(parameters, sample, gradient);
      }
      for (const { values } of frozenGradients) values.fill(0);
      step(weights, start, gradient, batch.length, options);
    }
  }
  for (let index = 0; index < weights.length; index += 1)
    weights[index] = (weights[index] ?? 0) - (start[index] ?? 0);
  return { delta: weights, loss: loss / samples.length, samples: samples.length };
}

function step(
  weights: Float32Array,
  start: Float32Array,
  gradient: Float32Array,
  count: number,
  { learningRate, proximal }: LocalTraining,
): void {
  for (let index = 0; index < weights.length; index += 1) {
    const weight = weights[index] ?? 0;
    const pull = proximal * (weight - (start[index] ?? 0));
    weights[index] = weight - learningRate * ((gradient[index] ?? 0) / count + pull);
  }
}

/** Fisher and Yates. */
function shuffle(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const swapped = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = swapped;
  }
  return order;
}
