/** Updates become one change of the model. What goes in is fixed before, so whoever repeats this gets the same. */
import type { StoredRound, TrainedRun } from "../../db/rounds.ts";
import { findStrategy } from "../../domain/federation/strategies.ts";
import { aggregate, type ServerState, type Strategy, type Update } from "../../domain/federation/strategy.ts";
import { findOutliers, type Outlier } from "../../domain/gate/findOutliers.ts";
import { fromBytes, hashTensors, sizeOf, toBytes, unflatten } from "../../domain/models/parameters.ts";
import { quorumOf } from "../../domain/rounds/runTask.ts";
import { findScheme, toCollected, toSumTask } from "../../domain/rounds/secureTask.ts";
import { SecureSumError } from "../../domain/secureAggregation/secureSum.ts";
import type { Coordination } from "../coordinateRuns.ts";
import { loadState, loadWeights, storeState } from "./loadWeights.ts";
import { abortWith, moveRound } from "./moveRound.ts";

type Combined =
  | {
      readonly kind: "CHANGE";
      readonly change: Float32Array;
      readonly state: ServerState;
      readonly outliers: readonly Outlier[];
    }
  | {
      readonly kind: "ABORT";
      readonly code: string;
      readonly reason: string;
      readonly outliers: readonly Outlier[];
    };

export async function aggregateRound(
  coordination: Coordination,
  run: TrainedRun,
  roundId: string,
): Promise<boolean> {
  const { db } = coordination;
  const round = await db.transactRound((queries) => queries.findRoundForUpdate(roundId));
  if (round?.status !== "AGGREGATING" || round.baseHash === null) return false;
  const strategy = findStrategy(run.task.strategy);
  if (!strategy) throw new Error(`run ${run.id} names a strategy that is not there`);
  const base = await loadWeights(db, round.baseHash);
  const combined = await combine(coordination, run, round, strategy, sizeOf(base.manifest));
  return moveRound(coordination, roundId, "AGGREGATING", async (queries) => {
    for (const { participant, refusal } of combined.outliers)
      await queries.refuseUpdates(roundId, participant, refusal);
    for (const regionCode of run.regionCodes) await queries.summariseUpdates(roundId, regionCode);
    if (combined.kind === "ABORT") return abortWith(combined.code, combined.reason);
    const vector = base.vector.map((value, at) => value + (combined.change[at] ?? 0));
    const resultHash = hashTensors(unflatten(base.manifest, vector));
    await queries.storeParameters(resultHash, base.manifest, toBytes(vector));
    return { status: "VALIDATING", resultHash, stateHash: await storeState(queries, combined.state) };
  });
}

async function combine(
  coordination: Coordination,
  run: TrainedRun,
  round: StoredRound,
  strategy: Strategy,
  length: number,
): Promise<Combined> {
  const state = await loadState(coordination.db, round.stateHash);
  if (findScheme(run.task.aggregation)) return combineSum(coordination, run, round, strategy, state, length);
  const updates = (await coordination.db.findValid(round.id)).flatMap(
    ({ participant, samples, vector }): Update[] =>
      vector ? [{ participant, samples, delta: fromBytes(vector) }] : [],
  );
  const outliers = findOutliers(updates);
  const left = updates.filter(
    ({ participant }) => !outliers.some((outlier) => outlier.participant === participant),
  );
  const quorum = quorumOf(run.task.wanted);
  if (left.length < quorum)
    return {
      kind: "ABORT",
      code: "QUORUM_MISSED",
      reason: `expected at least ${quorum} updates that are like the others, came ${left.length}`,
      outliers,
    };
  return { kind: "CHANGE", ...aggregate(strategy, left, state), outliers };
}

/** Of a secure sum nothing can be compared: the hold-out is the only guard. */
async function combineSum(
  { db }: Coordination,
  run: TrainedRun,
  round: StoredRound,
  strategy: Strategy,
  state: ServerState,
  length: number,
): Promise<Combined> {
  const scheme = findScheme(run.task.aggregation);
  if (!scheme) throw new Error(`run ${run.id} has no secure sum`);
  const task = toSumTask(run.task, round.id, await db.findSelected(round.id), length);
  try {
    const { values, weight } = await scheme.sum(task, toCollected(await db.findAnswers(round.id)));
    const delta = Float32Array.from(values, (value) => value / weight);
    return { kind: "CHANGE", ...strategy.step(delta, state), outliers: [] };
  } catch (error) {
    if (!(error instanceof SecureSumError)) throw error;
    return { kind: "ABORT", code: error.fault, reason: error.message, outliers: [] };
  }
}
