import { newId } from "../../../shared/ids.ts";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import type { RoundQueries } from "../../db/transact.ts";
import { flatten, hashTensors, toBytes, toManifest } from "../../domain/models/parameters.ts";
import { createModel, type RunTask } from "../../domain/rounds/runTask.ts";

export type RunStart = {
  readonly modelId: string;
  readonly task: RunTask;
  readonly regionCodes: readonly string[];
  /** Whose coordinator leads it. */
  readonly coordinatedBy: string;
  /** What the first weights are drawn from. */
  readonly seed: string;
};

/** A run and its first weights; a coordinator finds it by itself. Answers its id. */
export async function startRun(
  queries: RoundQueries,
  { modelId, task, regionCodes, coordinatedBy, seed }: RunStart,
): Promise<string> {
  const start = createModel(task.model).initialise(createSeededRandom(seed).next);
  const baseHash = hashTensors(start);
  await queries.storeParameters(baseHash, toManifest(start), toBytes(flatten(start)));
  const id = newId();
  await queries.insertRun({
    id,
    modelId,
    strategy: task.strategy,
    status: "RUNNING",
    regionCodes: [...regionCodes],
    coordinatedBy,
    task,
    baseHash,
    startedAt: new Date(),
  });
  return id;
}
