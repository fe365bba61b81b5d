/** Probabilities and their log-odds, and the sum that all of fusion needs. */

/** Keeps the log-odds finite and a probability from claiming to be certain. */
const certaintyMin = 1e-9;

export function logit(probability: number): number {
  const kept = keepUncertain(probability);
  return Math.log(kept / (1 - kept));
}

export function fromLogOdds(logOdds: number): number {
  return keepUncertain(1 / (1 + Math.exp(-logOdds)));
}

/** Strictly between 0 and 1. */
export function keepUncertain(probability: number): number {
  return Math.min(1 - certaintyMin, Math.max(certaintyMin, probability));
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
