/**
 * DP-SGD (Abadi et al. 2016, Algorithm 1) for each record: every step takes each record with probability q, clips its
 * gradient to norm C, adds N(0, σ²C²) to the sum, and divides by the expected size of the batch, which is public, never
 * by the real one, which is not. What it spends is `{ samplingRate: q, noiseMultiplier: σ, steps }`; see rdpAccountant.ts.
 */
import { flatten, type Parameters, toManifest, unflatten } from "../models/parameters.ts";
import type { Sample, Trainable } from "../models/trainable.ts";
import type { LocalResult } from "../models/trainLocally.ts";

export type PrivateTraining = {
  readonly steps: number;
  /** q: above 0, at most 1. */
  readonly samplingRate: number;
  /** C, in the L2 norm. */
  readonly clippingNorm: number;
  /** σ, as a multiple of C. */
  readonly noiseMultiplier: number;
  readonly learningRate: number;
  /** Uniform on [0, 1), cryptographic: who was sampled must stay unknown. */
  readonly uniform: () => number;
  /** Standard normal, cryptographic. */
  readonly normal: () => number;
};

export function trainPrivately(
  model: Trainable,
  base: Parameters,
  samples: readonly Sample[],
  options: PrivateTraining,
): LocalResult {
  if (samples.length === 0) throw new RangeError("expected samples to train on, came none");
  const start = flatten(base);
  const weights = Float32Array.from(start);
  const parameters = unflatten(toManifest(base), weights);
  const single = new Float32Array(weights.length);
  const sum = new Float64Array(weights.length);
  const expectedSize = options.samplingRate * samples.length;
  const deviation = options.noiseMultiplier * options.clippingNorm;
  let loss = 0;
  let seen = 0;
  for (let step = 0; step < options.steps; step += 1) {
    sum.fill(0);
    for (const sample of samples) {
      if (options.uniform() >= options.samplingRate) continue;
      single.fill(0);
      loss += model.addGradient(parameters, sample, single);
      seen += 1;
      addClipped(sum, single, options.clippingNorm);
    }
    for (let at = 0; at < weights.length; at += 1) {
      const noisy = (sum[at] ?? 0) + deviation * options.normal();
      weights[at] = (weights[at] ?? 0) - (options.learningRate * noisy) / expectedSize;
    }
  }
  for (let at = 0; at < weights.length; at += 1) weights[at] = (weights[at] ?? 0) - (start[at] ?? 0);
  return { delta: weights, loss: seen === 0 ? 0 : loss / seen, samples: samples.length };
}

function addClipped(sum: Float64Array, gradient: Float32Array, clippingNorm: number): void {
  const factor = Math.min(1, clippingNorm / Math.max(normOf(gradient), Number.MIN_VALUE));
  for (let at = 0; at < gradient.length; at += 1) sum[at] = (sum[at] ?? 0) + factor * (gradient[at] ?? 0);
}

/** Euclidean norm. */
export function normOf(vector: Float32Array): number {
  let squares = 0;
  for (let at = 0; at < vector.length; at += 1) squares += (vector[at] ?? 0) ** 2;
  return Math.sqrt(squares);
}
