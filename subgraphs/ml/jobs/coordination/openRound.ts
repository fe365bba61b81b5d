import { newId } from "../../../shared/ids.ts";
import type { TrainedRun } from "../../db/rounds.ts";
import { decideRun } from "../../domain/rounds/decideRound.ts";
import type { Coordination } from "../coordinateRuns.ts";
import { finishRun } from "./finishRun.ts";

/** After a round that ended, or before the first: another one from the newest weights, or the end of the run. */
export function openRound({ db, lease }: Coordination, run: TrainedRun, last: number): Promise<boolean> {
  return db.transactWithLease(lease, async (queries) => {
    const outcomes = (await queries.findOutcomes(run.id)).map(({ status, loss, accuracy }) => ({
      committed: status === "COMMITTED",
      measured: loss === null || accuracy === null ? null : { loss, accuracy },
    }));
    const decision = decideRun(run.task, outcomes);
    if (decision.kind !== "GO_ON") {
      await finishRun(queries, run, decision.kind === "COMPLETE" ? "COMPLETED" : "ABORTED", decision.reason);
      return true;
    }
    await queries.insertRound({
      id: newId(),
      runId: run.id,
      number: last + 1,
      status: "OPEN",
      baseHash: run.baseHash,
      stateHash: run.stateHash,
      startedAt: new Date(),
      epoch: lease.epoch,
    });
    return true;
  });
}
