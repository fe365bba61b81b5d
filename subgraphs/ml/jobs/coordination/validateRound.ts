/** The result is tried on the hold-out. A round that makes it worse counts for nothing. */
import type { TrainedRun } from "../../db/rounds.ts";
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
  const holdOut = await loadHoldOut(coordination, run.task.dataset);
  const measureHash = async (hash: string): Promise<Measured> => {
    const { manifest, vector } = await loadWeights(db, hash);
    return measure(createModel(run.task.model), unflatten(manifest, vector), holdOut);
  };
  const before = await measureHash(round.baseHash);
  const after = await measureHash(round.resultHash);
  const { resultHash, stateHash } = round;
  return moveRound(coordination, roundId, "VALIDATING", async (queries) => {
    const refusal = judgeRound(before, after);
    if (refusal) return { ...abortWith(refusal.code, refusal.message), ...after };
    await queries.updateRun(run.id, { baseHash: resultHash, stateHash });
    return { status: "COMMITTED", ...after, finishedAt: new Date() };
  });
}

/** Global examples: a model is judged on what every region may hold. */
async function loadHoldOut({ db }: Coordination, dataset: string): Promise<readonly Sample[]> {
  const examples = await db.findExamples(dataset, "HOLD_OUT", ["global"]);
  if (examples.length === 0) throw new Error(`expected examples of ${dataset} to hold out, there are none`);
  return examples.map(({ features, label }) => ({ input: Float32Array.from(features), label }));
}
