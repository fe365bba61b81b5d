import { naturalId } from "../../../shared/ids.ts";
import type { TrainedRun } from "../../db/rounds.ts";
import type { RoundQueries } from "../../db/transact.ts";
import { hashParameters } from "../../domain/hashParameters.ts";
import { describeTrained } from "../../domain/registry/versionParameters.ts";
import { findCodeVersion } from "./codeVersion.ts";

/** Ends a run. What it learned, if any round counted, becomes a version; nothing answers from it before it is promoted. */
export async function finishRun(
  queries: RoundQueries,
  run: TrainedRun,
  status: "COMPLETED" | "ABORTED",
  stopReason: string,
): Promise<void> {
  await queries.updateRun(run.id, { status, stopReason, finishedAt: new Date() });
  if (status === "COMPLETED") await makeVersion(queries, run);
}

/** Of the round that did best on the hold-out: those after it were only to see whether it gets better. */
async function makeVersion(queries: RoundQueries, run: TrainedRun): Promise<void> {
  const committed = (await queries.findOutcomes(run.id)).filter((outcome) => outcome.status === "COMMITTED");
  const [best] = [...committed].sort((a, b) => (a.loss ?? 0) - (b.loss ?? 0));
  if (!best?.resultHash) return;
  const parameters = describeTrained(run.task, best.resultHash);
  const contentHash = hashParameters(parameters);
  await queries.lockModel(run.modelId);
  // What is there already is not made twice.
  if (await queries.hasVersion(run.modelId, contentHash)) return;
  const version = (await queries.findLastVersion(run.modelId)) + 1;
  const { dataFrom, dataTo } = await queries.findDataWindow(run.id);
  const holdOutFrom = run.task.holdOutFrom === null ? null : new Date(run.task.holdOutFrom);
  await queries.insertVersion({
    // From its natural key, so that two regions cannot both make the version.
    id: naturalId("public", "model-version", run.modelId, String(version)),
    modelId: run.modelId,
    version,
    contentHash,
    origin: "federated",
    federatedRunId: run.id,
    parameters,
    dataset: run.task.dataset,
    dataFrom,
    // Trainers told of all that they have; what was held out they did not learn from.
    dataTo: holdOutFrom && dataTo && dataTo > holdOutFrom ? holdOutFrom : dataTo,
    holdOutFrom,
    rounds: committed.length,
    codeVersion: findCodeVersion(),
    metrics: { loss: best.loss ?? 0, accuracy: best.accuracy ?? 0 },
    createdAt: new Date(),
  });
}
