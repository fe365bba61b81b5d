/** What the server adds to the model, given the combined update (Reddi et al. 2021, Algorithm 2: Δ is a pseudo-gradient). */
import type { ServerState, ServerStep } from "./strategy.ts";

/** Takes the update as it is, times the server's learning rate. */
export function plainStep(learningRate = 1): (delta: Float32Array, state: ServerState) => ServerStep {
  return (delta, state) => ({ change: delta.map((value) => learningRate * value), state });
}

/** FedAvgM: v ← βv + Δ, the model moves by ηv (Hsu et al. 2019, §4.3). */
export function momentumStep(
  beta = 0.9,
  learningRate = 1,
): (delta: Float32Array, state: ServerState) => ServerStep {
  return (delta, { velocity = new Float32Array(delta.length) }) => {
    const next = delta.map((value, at) => beta * (velocity[at] ?? 0) + value);
    return { change: next.map((value) => learningRate * value), state: { velocity: next } };
  };
}

export type AdamOptions = {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Degree of adaptivity; larger is closer to momentum. */
  readonly tau: number;
};

/** FedAdam (Reddi et al. 2021, Algorithm 2; no bias correction there, and none here). */
export function adamStep({
  learningRate,
  beta1,
  beta2,
  tau,
}: AdamOptions): (delta: Float32Array, state: ServerState) => ServerStep {
  return (delta, state) => {
    const before = state.first ?? new Float32Array(delta.length);
    const squaresBefore = state.second ?? new Float32Array(delta.length);
    const first = delta.map((value, at) => beta1 * (before[at] ?? 0) + (1 - beta1) * value);
    const second = delta.map((value, at) => beta2 * (squaresBefore[at] ?? 0) + (1 - beta2) * value * value);
    const change = first.map((value, at) => (learningRate * value) / (Math.sqrt(second[at] ?? 0) + tau));
    return { change, state: { first, second } };
  };
}
