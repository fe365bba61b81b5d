/** The decisions of a round, each out of what is stored and nothing else, so that any coordinator decides alike. */
import type { Measured } from "../models/trainable.ts";
import type { RunTask } from "./runTask.ts";
import { quorumOf } from "./runTask.ts";

export type Progress = {
  /** Updates that count so far. */
  readonly valid: number;
  readonly isPastDeadline: boolean;
};

/** Enough are there, or time is up. */
export function decideTraining(
  task: RunTask,
  { valid, isPastDeadline }: Progress,
): "WAIT" | "AGGREGATE" | "ABORT" {
  if (valid >= task.wanted) return "AGGREGATE";
  if (!isPastDeadline) return "WAIT";
  return valid >= quorumOf(task.wanted) ? "AGGREGATE" : "ABORT";
}

export type RunDecision =
  | { readonly kind: "GO_ON" }
  | { readonly kind: "COMPLETE"; readonly reason: string }
  | { readonly kind: "ABORT"; readonly reason: string };

export type RoundOutcome = { readonly committed: boolean; readonly measured: Measured | null };

/** Rounds in a row that count for nothing before a run is given up. */
const abortedMax = 5;

/** After a round: `outcomes` are those of all rounds so far, first to last. */
export function decideRun(
  { roundsMax, convergence: { accuracyWanted, patience, lossStep } }: RunTask,
  outcomes: readonly RoundOutcome[],
): RunDecision {
  const counted = outcomes.flatMap(({ committed, measured }) => (committed && measured ? [measured] : []));
  const last = counted.at(-1);
  if (last && last.accuracy >= accuracyWanted)
    return { kind: "COMPLETE", reason: `the hold-out reached ${accuracyWanted}` };
  if (outcomes.slice(-abortedMax).filter(({ committed }) => !committed).length === abortedMax)
    return { kind: "ABORT", reason: `${abortedMax} rounds in a row counted for nothing` };
  if (outcomes.length >= roundsMax)
    return counted.length > 0
      ? { kind: "COMPLETE", reason: `all ${roundsMax} rounds are over` }
      : { kind: "ABORT", reason: `none of ${roundsMax} rounds counted` };
  if (counted.length - 1 - findLastBetter(counted, lossStep) >= patience)
    return { kind: "COMPLETE", reason: `the hold-out has not got better for ${patience} rounds` };
  return { kind: "GO_ON" };
}

/**
 * Where the loss last got better by more than `lossStep`. Loss and not accuracy: where one label is rare, a model that never
 * says it is already right nearly always.
 */
function findLastBetter(counted: readonly Measured[], lossStep: number): number {
  let best = Number.POSITIVE_INFINITY;
  let at = -1;
  for (const [index, { loss }] of counted.entries()) {
    if (loss >= best - lossStep) continue;
    best = loss;
    at = index;
  }
  return at;
}
