/**
 * Prequential learning (Dawid 1984; Gama et al. 2013): each sample is predicted first and learned from afterwards, so that
 * every error is one on something new. Two detectors watch the errors; with replay, remembered samples are learned again
 * beside each new one.
 */
import { flatten, type Parameters, toManifest, unflatten } from "../models/parameters.ts";
import type { Sample, Trainable } from "../models/trainable.ts";
import { type AdwinState, createAdwin } from "./adwin.ts";
import { createPageHinkley, type PageHinkleyState } from "./pageHinkley.ts";
import type { Remembered, Reservoir } from "./reservoir.ts";

export type OnlineOptions<Item extends Sample = Sample> = {
  readonly learningRate: number;
  /** How many remembered samples are learned from beside a new one; 0 for none. */
  readonly replayed: number;
  /** Undefined without replay. */
  readonly reservoir: Reservoir<Item> | undefined;
  /** Where this learner runs may read samples of these residencies. */
  readonly residencies: readonly string[];
  /** What the detectors were at when the learner last stopped. */
  readonly detectors?: DetectorStates | undefined;
};

export type DetectorStates = { readonly adwin: AdwinState; readonly pageHinkley: PageHinkleyState };

export type OnlineLearner<Item extends Sample = Sample> = {
  readonly learn: (sample: Remembered<Item>) => OnlineStep;
  readonly parameters: () => Parameters;
  /** Share of right predictions since the start. */
  readonly accuracy: () => number;
  readonly detectors: () => DetectorStates;
};

export type Detector = "adwin" | "page-hinkley";

/** What a detector measured on a sample; above the threshold it called drift. */
export type Reading = {
  readonly detector: Detector;
  readonly statistic: number;
  readonly threshold: number;
  readonly drifted: boolean;
};

export type OnlineStep = {
  readonly isRight: boolean;
  readonly readings: readonly Reading[];
};

const pageHinkleyOptions = { tolerance: 0.005, threshold: 10, valuesMin: 30 };

export function createOnlineLearner<Item extends Sample>(
  model: Trainable,
  start: Parameters,
  { learningRate, replayed, reservoir, residencies, detectors }: OnlineOptions<Item>,
): OnlineLearner<Item> {
  const weights = flatten(start);
  const parameters = unflatten(toManifest(start), weights);
  const gradient = new Float32Array(weights.length);
  const adwin = createAdwin(undefined, detectors?.adwin);
  const pageHinkley = createPageHinkley(pageHinkleyOptions, detectors?.pageHinkley);
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
      const isRight = isRightOn(model, parameters, sample.item);
      count += 1;
      if (isRight) right += 1;
      const error = isRight ? 0 : 1;
      const [isCut, hasRisen] = [adwin.add(error), pageHinkley.add(error)];
      step([sample.item, ...(reservoir?.pick(replayed, residencies) ?? []).map(({ item }) => item)]);
      reservoir?.add(sample);
      return {
        isRight,
        readings: [
          { detector: "adwin", statistic: adwin.statistic(), threshold: 1, drifted: isCut },
          {
            detector: "page-hinkley",
            statistic: pageHinkley.statistic(),
            threshold: pageHinkleyOptions.threshold,
            drifted: hasRisen,
          },
        ],
      };
    },
    parameters: () => unflatten(toManifest(start), Float32Array.from(weights)),
    accuracy: () => (count === 0 ? 0 : right / count),
    detectors: () => ({ adwin: adwin.state(), pageHinkley: pageHinkley.state() }),
  };
}

/** The most probable class is the sample's own. */
export function isRightOn(model: Trainable, parameters: Parameters, { input, label }: Sample): boolean {
  const probabilities = model.predict(parameters, input);
  return probabilities.every((value) => value <= (probabilities[label] ?? 0));
}
