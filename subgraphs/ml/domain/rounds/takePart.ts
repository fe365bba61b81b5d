/** What a participant does with a task: the learning itself, private or not, and its side of a secure sum. */

import { findStrategy } from "../federation/strategies.ts";
import type { Parameters } from "../models/parameters.ts";
import { boostTable } from "../models/stumpTable.ts";
import type { Sample } from "../models/trainable.ts";
import { type LocalResult, trainLocally } from "../models/trainLocally.ts";
import { createCryptographicNormal, createCryptographicUniform } from "../privacy/gaussianNoise.ts";
import { normOf, trainPrivately } from "../privacy/trainPrivately.ts";
import { createModel, type RunTask } from "./runTask.ts";

/** `random` decides the order of samples where there is no privacy to keep; noise is always cryptographic. */
export function trainTask(
  task: RunTask,
  base: Parameters,
  samples: readonly Sample[],
  random: () => number,
): LocalResult {
  const trained = train(task, base, samples, random);
  return task.aggregation === "ROBUST"
    ? trained
    : { ...trained, delta: clipToNorm(trained.delta, task.bound) };
}

function train(
  { model: spec, local, privacy, strategy }: RunTask,
  base: Parameters,
  samples: readonly Sample[],
  random: () => number,
): LocalResult {
  if (spec.kind === "stumps")
    return boostTable(spec, base, samples, { stumps: local.epochs, learningRate: local.learningRate });
  const model = createModel(spec);
  return privacy
    ? trainPrivately(model, base, samples, {
        ...privacy,
        learningRate: local.learningRate,
        uniform: createCryptographicUniform(),
        normal: createCryptographicNormal(),
      })
    : trainLocally(model, base, samples, {
        ...local,
        proximal: findStrategy(strategy)?.proximal ?? 0,
        random,
      });
}

/** Nobody can clip what is masked, so participants do it before. */
function clipToNorm(delta: Float32Array, bound: number): Float32Array {
  const norm = normOf(delta);
  return norm <= bound ? delta : delta.map((value) => (value * bound) / norm);
}
