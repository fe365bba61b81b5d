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
  { roundsMax, convergence: { accuracyWanted, patience } }: RunTask,
  outcomes: readonly RoundOutcome[],
): RunDecision {
  const accuracies = outcomes.flatMap(({ committed, measured }) =>
    committed && measured ? [measured.accuracy] : [],
  );
  const last = accuracies.at(-1);
  if (last !== undefined && last >= accuracyWanted)
    return { kind: "COMPLETE", reason: `the hold-out reached ${accuracyWanted}` };
  if (outcomes.slice(-abortedMax).filter(({ committed }) => !committed).length === abortedMax)
    return { kind: "ABORT", reason: `${abortedMax} rounds in a row counted for nothing` };
  if (outcomes.length >= roundsMax)
    return accuracies.length > 0
      ? { kind: "COMPLETE", reason: `all ${roundsMax} rounds are over` }
      : { kind: "ABORT", reason: `none of ${roundsMax} rounds counted` };
  const best = accuracies.indexOf(Math.max(...accuracies));
  if (accuracies.length > patience && accuracies.length - 1 - best >= patience)
    return { kind: "COMPLETE", reason: `the hold-out has not got better for ${patience} rounds` };
  return { kind: "GO_ON" };
}
