/** The secure sum of a round, out of what is stored. */
import { ckks } from "../secureAggregation/ckks.ts";
import { secAgg } from "../secureAggregation/secAgg.ts";
import type { Answers, Collected, Message, SecureScheme, SumTask } from "../secureAggregation/secureSum.ts";
import { quorumOf, type RunTask, samplesMax } from "./runTask.ts";

/** Undefined where updates travel in the clear. */
export function findScheme(aggregation: RunTask["aggregation"]): SecureScheme | undefined {
  if (aggregation === "MASKED") return secAgg;
  return aggregation === "ENCRYPTED" ? ckks : undefined;
}

export function toSumTask(
  task: RunTask,
  roundId: string,
  selected: readonly { readonly participant: string; readonly samples: number }[],
  length: number,
): SumTask {
  return {
    roundId,
    participants: selected.map(({ participant }) => participant),
    threshold: Math.max(
      Math.floor(selected.length / 2) + 1,
      Math.min(quorumOf(task.wanted), selected.length),
    ),
    length,
    bound: task.bound,
    // As small as the round allows: what is left of the ring's bits is precision.
    weightMax: Math.min(samplesMax, Math.max(1, ...selected.map(({ samples }) => samples))),
  };
}

export type StoredAnswer = {
  readonly stage: string;
  readonly participant: string;
  readonly parts: Message;
};

export function toCollected(answers: readonly StoredAnswer[]): Collected {
  const collected = new Map<string, Map<string, Message>>();
  for (const { stage, participant, parts } of answers) {
    const ofStage = collected.get(stage) ?? new Map<string, Message>();
    collected.set(stage, ofStage.set(participant, parts));
  }
  return collected satisfies ReadonlyMap<string, Answers>;
}
