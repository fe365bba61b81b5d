import type { TrainedRun } from "../../db/rounds.ts";
import type { Db } from "../../db.ts";

type Queries = Parameters<Parameters<Db["transactRound"]>[0]>[0];

export async function finishRun(
  queries: Queries,
  run: TrainedRun,
  status: "COMPLETED" | "ABORTED",
  stopReason: string,
): Promise<void> {
  await queries.updateRun(run.id, { status, stopReason, finishedAt: new Date() });
}
