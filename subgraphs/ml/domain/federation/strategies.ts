/** Every strategy that a run can name. FedAvg first; each other one says what it overrides. */
import { coordinateMedian, krum, trimmedMean, weightedMean } from "./combine.ts";
import { adamStep, momentumStep, plainStep } from "./serverStep.ts";
import type { Strategy } from "./strategy.ts";

export const fedAvg: Strategy = {
  name: "FedAvg",
  source: "McMahan et al. 2017, Communication-Efficient Learning of Deep Networks, Algorithm 1",
  proximal: 0,
  updatesMin: 1,
  needsSingleUpdates: false,
  combine: weightedMean,
  step: plainStep(),
};

export const fedProx = (mu = 0.1): Strategy => ({
  ...fedAvg,
  name: "FedProx",
  source: "Li et al. 2020, Federated Optimization in Heterogeneous Networks, Algorithm 2",
  proximal: mu,
});

export const fedAvgM = (beta = 0.9, learningRate = 1): Strategy => ({
  ...fedAvg,
  name: "FedAvgM",
  source: "Hsu et al. 2019, Measuring the Effects of Non-Identical Data Distribution, §4.3",
  step: momentumStep(beta, learningRate),
});

export const fedAdam = (options = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, tau: 1e-3 }): Strategy => ({
  ...fedAvg,
  name: "FedAdam",
  source: "Reddi et al. 2021, Adaptive Federated Optimization, Algorithm 2",
  step: adamStep(options),
});

/**
 * Meta-learning over participants as tasks: the start moves a part of the way to where each of them led, one voice each, so
 * that it adapts to a new country or domain in few steps. Masks would weigh by samples, hence single updates.
 */
export const reptile = (metaRate = 0.5): Strategy => ({
  ...fedAvg,
  name: "Reptile",
  source: "Nichol et al. 2018, On First-Order Meta-Learning Algorithms, Algorithm 2",
  needsSingleUpdates: true,
  combine: (updates) => weightedMean(updates.map((update) => ({ ...update, samples: 1 }))),
  step: plainStep(metaRate),
});

/** The one robust rule that means something with three participants. */
export const fedMedian: Strategy = {
  ...fedAvg,
  name: "FedMedian",
  source: "Yin et al. 2018, Byzantine-Robust Distributed Learning, Definition 1",
  updatesMin: 3,
  needsSingleUpdates: true,
  combine: coordinateMedian,
};

export const fedTrimmedMean = (beta = 0.2): Strategy => ({
  ...fedAvg,
  name: "FedTrimmedMean",
  source: "Yin et al. 2018, Byzantine-Robust Distributed Learning, Definition 2",
  // Below this ⌊βn⌋ is 0 and nothing is trimmed.
  updatesMin: Math.ceil(1 / Math.max(beta, Number.EPSILON)),
  needsSingleUpdates: true,
  combine: trimmedMean(beta),
});

export const fedKrum = (attackers = 1): Strategy => ({
  ...fedAvg,
  name: "Krum",
  source: "Blanchard et al. 2017, Machine Learning with Adversaries, §4",
  updatesMin: 2 * attackers + 3,
  needsSingleUpdates: true,
  combine: krum(attackers),
});

export const fedMultiKrum = (attackers = 1, kept = 2): Strategy => ({
  ...fedKrum(attackers),
  name: "MultiKrum",
  source: "Blanchard et al. 2017, Machine Learning with Adversaries, §5",
  combine: krum(attackers, kept),
});

export const strategies: readonly Strategy[] = [
  fedAvg,
  fedProx(),
  fedAvgM(),
  fedAdam(),
  reptile(),
  fedMedian,
  fedTrimmedMean(),
  fedKrum(),
  fedMultiKrum(),
];

/** Undefined when there is none of that name. */
export function findStrategy(name: string): Strategy | undefined {
  return strategies.find((strategy) => strategy.name === name);
}
