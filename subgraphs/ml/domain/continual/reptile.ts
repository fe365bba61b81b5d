/**
 * Reptile (Nichol, Achiam and Schulman 2018, Algorithm 1): finds weights from which a few steps on the few samples of a
 * new task (a country, say) lead far. First order only: a task is learned, and the start moves towards where it led.
 */
import { flatten, type Parameters, toManifest, unflatten } from "../models/parameters.ts";
import type { Sample, Trainable } from "../models/trainable.ts";
import { type LocalTraining, trainLocally } from "../models/trainLocally.ts";

export type ReptileOptions = {
  /** How often a task is drawn. */
  readonly iterations: number;
  /** ε: share of the way that the start moves; falls in a line to 0. */
  readonly metaRate: number;
  readonly inner: LocalTraining;
  /** Uniform on [0, 1); draws the tasks. */
  readonly random: () => number;
};

export function metaLearn(
  model: Trainable,
  start: Parameters,
  tasks: readonly (readonly Sample[])[],
  { iterations, metaRate, inner, random }: ReptileOptions,
): Parameters {
  if (tasks.length === 0) throw new RangeError("expected tasks to learn from, came none");
  const manifest = toManifest(start);
  const weights = flatten(start);
  const parameters = unflatten(manifest, weights);
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const task = tasks[Math.floor(random() * tasks.length)] ?? [];
    const { delta } = trainLocally(model, parameters, task, inner);
    const rate = metaRate * (1 - iteration / iterations);
    for (let at = 0; at < weights.length; at += 1) weights[at] = (weights[at] ?? 0) + rate * (delta[at] ?? 0);
  }
  return parameters;
}
