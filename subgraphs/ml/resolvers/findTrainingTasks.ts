/** What a participant has to do now: train and send an update, or answer a stage of a secure sum. */

import type { TrainedRun } from "../db/rounds.ts";
import type { Db } from "../db.ts";
import type { Manifest } from "../domain/models/parameters.ts";
import { sizeOf } from "../domain/models/parameters.ts";
import { findScheme, toCollected, toSumTask } from "../domain/rounds/secureTask.ts";
import type { Message, SumTask } from "../domain/secureAggregation/secureSum.ts";
import { SecureSumError } from "../domain/secureAggregation/secureSum.ts";

export type TrainingTask = {
  readonly roundId: string;
  readonly task: TrainedRun["task"];
  readonly baseHash: string;
  readonly base: { readonly manifest: Manifest; readonly vector: Uint8Array };
  readonly deadlineAt: Date;
  /** Undefined where updates travel in the clear. */
  readonly secure:
    | { readonly stage: string; readonly sumTask: SumTask; readonly request: Message }
    | undefined;
};

/** Rounds in TRAINING, led by this `region`, that chose the participant and still wait for it. */
export async function findTrainingTasks(
  db: Db,
  region: string,
  participant: string,
): Promise<readonly TrainingTask[]> {
  const tasks: TrainingTask[] = [];
  for (const run of await db.findTrainedRuns(region)) {
    const round = await db.findLastRound(run.id);
    if (round?.status !== "TRAINING" || round.baseHash === null || round.deadlineAt === null) continue;
    const selected = await db.findSelected(round.id);
    if (!selected.some((one) => one.participant === participant)) continue;
    const base = await db.findParameters(round.baseHash);
    if (!base) continue;
    const common = {
      roundId: round.id,
      task: run.task,
      baseHash: round.baseHash,
      base,
      deadlineAt: round.deadlineAt,
    };
    const scheme = findScheme(run.task.aggregation);
    if (!scheme || round.stage === null) {
      tasks.push({ ...common, secure: undefined });
      continue;
    }
    const answers = await db.findAnswers(round.id);
    if (answers.some((answer) => answer.stage === round.stage && answer.participant === participant))
      continue;
    const sumTask = toSumTask(run.task, round.id, selected, sizeOf(base.manifest));
    const request = await scheme
      .toRequest(sumTask, round.stage, participant, toCollected(answers))
      .catch((error: unknown) => {
        // Too few answered; the coordinator ends the round.
        if (error instanceof SecureSumError) return undefined;
        throw error;
      });
    if (request) tasks.push({ ...common, secure: { stage: round.stage, sumTask, request } });
  }
  return tasks;
}
