/** A step of a round: locked, only from the state it belongs to, stamped with the coordinator's epoch. */

import type { StoredRound } from "../../db/rounds.ts";
import type { RoundQueries } from "../../db/transact.ts";
import type { Coordination } from "../coordinateRuns.ts";

/** What the round becomes; undefined to leave it and wait. */
export type Step = Parameters<RoundQueries["updateRound"]>[1] & { readonly status: string };

/** False when the round was in another state already, or the step chose to wait. */
export function moveRound(
  { db, lease, log }: Coordination,
  roundId: string,
  from: string,
  decide: (queries: RoundQueries, round: StoredRound) => Promise<Step | undefined>,
): Promise<boolean> {
  return db.transactWithLease(lease, async (queries) => {
    const round = await queries.findRoundForUpdate(roundId);
    if (round?.status !== from) return false;
    const step = await decide(queries, round);
    if (!step) return false;
    await queries.updateRound(roundId, { ...step, epoch: lease.epoch });
    if (from === "TRAINING" && step.status !== from) await queries.deletePieces(roundId);
    log.info({ roundId, from, to: step.status, code: step.abortCode }, "federated round moved");
    return true;
  });
}

/** The round counts for nothing; the next one starts from the same weights. */
export function abortWith(code: string, reason: string): Step {
  return { status: "ABORTED", abortCode: code, abortReason: reason, finishedAt: new Date() };
}
