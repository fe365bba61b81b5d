/** The result is tried on the hold-out. A round that makes it worse counts for nothing. */
import { type TrainedRun, toSplit } from "../../db/rounds.ts";
import { judgeRound } from "../../domain/gate/holdOutGuard.ts";
import { unflatten } from "../../domain/models/parameters.ts";
import { type Measured, measure, type Sample } from "../../domain/models/trainable.ts";
import { createModel } from "../../domain/rounds/runTask.ts";
import type { Coordination } from "../coordinateRuns.ts";
import { loadWeights } from "./loadWeights.ts";
import { abortWith, moveRound } from "./moveRound.ts";

export async function validateRound(
  coordination: Coordination,
  run: TrainedRun,
  roundId: string,
): Promise<boolean> {
  const { db } = coordination;
  const round = await db.transactRound((queries) => queries.findRoundForUpdate(roundId));
  if (round?.status !== "VALIDATING" || round.resultHash === null || round.baseHash === null) return false;
  const holdOut = await loadHoldOut(coordination, run);
  const measureHash = async (hash: string): Promise<Measured> => {
    const { manifest, vector } = await loadWeights(db, hash);
    return measure(createModel(run.task.model), unflatten(manifest, vector), holdOut);
  };
  const { baseHash, resultHash, stateHash } = round;
  const before = (await findMeasured(coordination, run, baseHash)) ?? (await measureHash(baseHash));
  const after = await measureHash(resultHash);
  return moveRound(coordination, roundId, "VALIDATING", async (queries) => {
    const refusal = judgeRound(before, after);
    if (refusal) return { ...abortWith(refusal.code, refusal.message), ...after };
    await queries.updateRun(run.id, { baseHash: resultHash, stateHash });
    return { status: "COMMITTED", ...after, finishedAt: new Date() };
  });
}

/** What the round that made these weights measured; the weights of the first round were made by none. */
async function findMeasured(
  { db }: Coordination,
  { id }: TrainedRun,
  resultHash: string,
): Promise<Measured | undefined> {
  const maker = await db.findCommitted(id, resultHash);
  return maker && maker.loss !== null && maker.accuracy !== null
    ? { loss: maker.loss, accuracy: maker.accuracy }
    : undefined;
}

async function loadHoldOut({ db }: Coordination, { task }: TrainedRun): Promise<readonly Sample[]> {
  const examples = await db.findHoldOut(toSplit(task));
  if (examples.length === 0)
    throw new Error(`expected examples of ${task.dataset} to hold out, there are none`);
  return examples.map(({ features, label }) => ({ input: Float32Array.from(features), label }));
}
