/** Ends the wait: when enough updates are there, when time is up, or, of a secure sum, stage by stage. */

import type { StoredRound, TrainedRun } from "../../db/rounds.ts";
import type { RoundQueries } from "../../db/transact.ts";
import { decideTraining } from "../../domain/rounds/decideRound.ts";
import { quorumOf } from "../../domain/rounds/runTask.ts";
import { findScheme } from "../../domain/rounds/secureTask.ts";
import type { SecureScheme } from "../../domain/secureAggregation/secureSum.ts";
import type { Coordination } from "../coordinateRuns.ts";
import { abortWith, moveRound, type Step } from "./moveRound.ts";

export function closeTraining(
  coordination: Coordination,
  run: TrainedRun,
  roundId: string,
): Promise<boolean> {
  return moveRound(coordination, roundId, "TRAINING", async (queries, round) => {
    const scheme = findScheme(run.task.aggregation);
    return scheme ? closeStage(queries, run, round, scheme) : closeUpdates(queries, run, round);
  });
}

async function closeUpdates(
  queries: RoundQueries,
  { task }: TrainedRun,
  round: StoredRound,
): Promise<Step | undefined> {
  const valid = await queries.findValid(round.id);
  const decision = decideTraining(task, { valid: valid.length, isPastDeadline: isPast(round.deadlineAt) });
  if (decision === "WAIT") return undefined;
  if (decision === "ABORT")
    return abortWith(
      "QUORUM_MISSED",
      `expected at least ${quorumOf(task.wanted)} updates before the deadline, came ${valid.length}`,
    );
  for (const { participant } of valid.slice(task.wanted))
    await queries.refuseUpdates(round.id, participant, {
      code: "ROUND_CLOSED",
      message: `expected one of the first ${task.wanted} updates, came after them`,
    });
  return { status: "AGGREGATING" };
}

/** A stage is over when everybody who could has answered, or its time is up; too few is the end of the round. */
async function closeStage(
  queries: RoundQueries,
  { task }: TrainedRun,
  round: StoredRound,
  scheme: SecureScheme,
): Promise<Step | undefined> {
  const at = scheme.stages.indexOf(round.stage ?? "");
  const [stage, before, next] = [scheme.stages[at], scheme.stages[at - 1], scheme.stages[at + 1]];
  if (stage === undefined) throw new Error(`round ${round.id} is in no stage of ${scheme.name}`);
  const asked =
    before === undefined
      ? (await queries.findSelected(round.id)).length
      : await queries.countAnswers(round.id, before);
  const answered = await queries.countAnswers(round.id, stage);
  const isLast = next === undefined;
  // Only the key holder is asked for the last stage of CKKS.
  const expected = isLast && scheme.name === "CKKS" ? 1 : asked;
  if (answered < expected && !isPast(round.deadlineAt)) return undefined;
  const least = isLast && scheme.name === "CKKS" ? 1 : quorumOf(task.wanted);
  if (answered < least)
    return abortWith("QUORUM_MISSED", `expected at least ${least} answers in ${stage}, came ${answered}`);
  if (isLast) return { status: "AGGREGATING" };
  return { status: "TRAINING", stage: next, deadlineAt: new Date(Date.now() + task.deadlineMs) };
}

function isPast(deadline: Date | null): boolean {
  return deadline !== null && deadline.getTime() <= Date.now();
}
