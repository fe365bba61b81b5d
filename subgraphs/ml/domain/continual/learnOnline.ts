/**
 * Prequential learning (Dawid 1984; Gama et al. 2013): each sample is predicted first and learned from afterwards, so that
 * every error is one on something new. Two detectors watch the errors; with replay, remembered samples are learned again
 * beside each new one.
 */
import { flatten, type Parameters, toManifest, unflatten } from "../models/parameters.ts";
import type { Sample, Trainable } from "../models/trainable.ts";
import { createAdwin } from "./adwin.ts";
import { createPageHinkley } from "./pageHinkley.ts";
import type { Remembered, Reservoir } from "./reservoir.ts";

export type OnlineOptions = {
  readonly learningRate: number;
  /** How many remembered samples are learned from beside a new one; 0 for none. */
  readonly replayed: number;
  /** Undefined without replay. */
  readonly reservoir: Reservoir<Sample> | undefined;
  /** Where this learner runs may read samples of these residencies. */
  readonly residencies: readonly string[];
};

export type OnlineLearner = {
  readonly learn: (sample: Remembered<Sample>) => OnlineStep;
  readonly parameters: () => Parameters;
  /** Share of right predictions since the start. */
  readonly accuracy: () => number;
};

export type OnlineStep = {
  readonly isRight: boolean;
  /** Detectors that called drift on this sample. */
  readonly drifts: readonly ("adwin" | "page-hinkley")[];
};

export function createOnlineLearner(
  model: Trainable,
  start: Parameters,
  { learningRate, replayed, reservoir, residencies }: OnlineOptions,
): OnlineLearner {
  const weights = flatten(start);
  const parameters = unflatten(toManifest(start), weights);
  const gradient = new Float32Array(weights.length);
  const adwin = createAdwin();
  const pageHinkley = createPageHinkley({ tolerance: 0.005, threshold: 10, valuesMin: 30 });
  let count = 0;
  let right = 0;

  function step(samples: readonly Sample[]): void {
    gradient.fill(0);
    for (const sample of samples) model.addGradient(parameters, sample, gradient);
    for (let at = 0; at < weights.length; at += 1)
      weights[at] = (weights[at] ?? 0) - (learningRate * (gradient[at] ?? 0)) / samples.length;
  }

  return {
    learn: (sample) => {
      const probabilities = model.predict(parameters, sample.item.input);
      const isRight = probabilities.every((value) => value <= (probabilities[sample.label] ?? 0));
      count += 1;
      if (isRight) right += 1;
      const error = isRight ? 0 : 1;
      const isCut = adwin.add(error);
      const hasRisen = pageHinkley.add(error);
      step([sample.item, ...(reservoir?.pick(replayed, residencies) ?? []).map(({ item }) => item)]);
      reservoir?.add(sample);
      return {
        isRight,
        drifts: [...(isCut ? (["adwin"] as const) : []), ...(hasRisen ? (["page-hinkley"] as const) : [])],
      };
    },
    parameters: () => unflatten(toManifest(start), Float32Array.from(weights)),
    accuracy: () => (count === 0 ? 0 : right / count),
  };
}
