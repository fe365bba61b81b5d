import { naturalId } from "../../../shared/ids.ts";
import type { RoundQueries } from "../../db/transact.ts";
import type { Comparison } from "../../domain/continual/compareLearners.ts";
import {
  flatten,
  hashTensors,
  type Parameters,
  toBytes,
  toManifest,
} from "../../domain/models/parameters.ts";
import { findCodeVersion } from "../coordination/codeVersion.ts";
import type { Champion } from "./learnBatch.ts";

export type Learned = {
  readonly seen: number;
  readonly comparison: Comparison;
  /** Of the newest example. */
  readonly last: Date;
};

/** What was learned online becomes a version, with what shows that it is better than the one it started from. */
export async function offerLearned(
  queries: RoundQueries,
  { modelId, dataset, parameters }: Champion,
  learned: Parameters,
  { seen, comparison, last }: Learned,
): Promise<void> {
  const contentHash = hashTensors(learned);
  await queries.storeParameters(contentHash, toManifest(learned), toBytes(flatten(learned)));
  await queries.lockModel(modelId);
  const version = (await queries.findLastVersion(modelId)) + 1;
  await queries.insertVersion({
    id: naturalId("public", "model-version", modelId, String(version)),
    modelId,
    version,
    contentHash,
    origin: "continual",
    parameters: { ...toObject(parameters), contentHash },
    dataset,
    dataTo: last,
    // It learned from all that came before; only what comes from now on can judge it.
    holdOutFrom: last,
    codeVersion: findCodeVersion(),
    metrics: { examples: seen, gained: comparison.gained, lost: comparison.lost },
    createdAt: new Date(),
  });
}

/** A stored version is always an object; anything else has nothing to keep. */
function toObject(parameters: unknown): object {
  return typeof parameters === "object" && parameters !== null ? parameters : {};
}
