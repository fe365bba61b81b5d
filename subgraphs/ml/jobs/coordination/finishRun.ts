import { naturalId } from "../../../shared/ids.ts";
import type { TrainedRun } from "../../db/rounds.ts";
import type { RoundQueries } from "../../db/transact.ts";

/** Ends a run. What it learned, if any round counted, becomes a version; nothing answers from it before it is promoted. */
export async function finishRun(
  queries: RoundQueries,
  run: TrainedRun,
  status: "COMPLETED" | "ABORTED",
  stopReason: string,
): Promise<void> {
  const finishedAt = new Date();
  await queries.updateRun(run.id, { status, stopReason, finishedAt });
  const outcomes = await queries.findOutcomes(run.id);
  const last = outcomes.findLast((outcome) => outcome.status === "COMMITTED");
  if (status !== "COMPLETED" || !last) return;
  await queries.lockModel(run.modelId);
  const version = (await queries.findLastVersion(run.modelId)) + 1;
  await queries.insertVersion({
    // From its natural key, so that two regions cannot both make the version.
    id: naturalId("public", "model-version", run.modelId, String(version)),
    modelId: run.modelId,
    version,
    contentHash: run.baseHash,
    origin: "federated",
    federatedRunId: run.id,
    parameters: {
      kind: "tensors",
      model: run.task.model,
      dataset: run.task.dataset,
      contentHash: run.baseHash,
    },
    metrics: {
      loss: last.loss ?? 0,
      accuracy: last.accuracy ?? 0,
      rounds: outcomes.filter((outcome) => outcome.status === "COMMITTED").length,
    },
    createdAt: finishedAt,
  });
}
