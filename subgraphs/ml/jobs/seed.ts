/**
 * The model that ships with Atlas, really trained: on examples of the signals that were seeded, by federated runs of three
 * regions that all live in this process. Without signals there is a model and no version, and the graph says so. Running it
 * again changes nothing.
 */
import type { Logger } from "pino";
import { naturalId } from "../../shared/ids.ts";
import type { FactRow } from "../db/facts.ts";
import type { Db } from "../db.ts";
import { countrySignals } from "../domain/examples/countrySignals.ts";
import { featureNames } from "../domain/examples/extractFeatures.ts";
import { runTask } from "../domain/rounds/runTask.ts";
import { createLoadedVersions } from "../loadedVersions.ts";
import { buildNext } from "./buildExamples.ts";
import type { RunStart } from "./coordination/startRun.ts";
import { keepOnce } from "./keepPredictions.ts";
import { answeringAlias, promoteVersion } from "./registry/moveAlias.ts";
import { trainOnce } from "./seed/trainOnce.ts";

export type SeedOptions = {
  readonly now: Date;
  /** What the event log would tell of the seeded signals; the same records come again when the subgraph follows it. */
  readonly facts: readonly FactRow[];
  readonly region: string;
  readonly log: Logger;
};

const modelId = naturalId("public", "model", "country-risk");
const regionCodes = ["us-east", "eu-west", "ap-southeast"] as const;

export async function seedMl(db: Db, { now, facts, region, log }: SeedOptions): Promise<void> {
  await db.seedModel({
    id: modelId,
    code: "country-risk",
    name: "Country risk",
    task: "Probability that a signal of severity 0.5 or more about a country is observed within 30 days",
  });
  if (facts.length === 0 || (await db.findLastVersion(modelId)) > 0) return;
  await db.transactFacts((queries) => queries.insertFacts(facts));
  while (await buildNext(db, now));
  const heldOut = await db.findHoldOutFrom(countrySignals.dataset);
  if (!heldOut?.from) return;

  // A champion, and a challenger that was given more time.
  await trainOnce(db, toRun(heldOut.from, region, 2), log);
  await trainOnce(db, toRun(heldOut.from, region, 4), log);
  const [challenger, champion] = await db.findVersionsOfModels([modelId], 2);
  const versions = createLoadedVersions(db, log);
  for (const [alias, version] of [
    [answeringAlias, champion],
    ["challenger", challenger],
    ["shadow", challenger],
  ] as const) {
    const moved =
      version &&
      (await db.inTransaction((queries) => promoteVersion(queries, versions, version, alias, "seed")));
    if (typeof moved === "object")
      log.warn({ alias, failed: moved.refused.filter(({ passed }) => !passed) }, "seed promoted no version");
  }
  while (await keepOnce(db, versions, now, log));
}

function toRun(holdOutFrom: Date, coordinatedBy: string, roundsMax: number): RunStart {
  const task = runTask.parse({
    dataset: countrySignals.dataset,
    holdOutFrom: holdOutFrom.toISOString(),
    model: { kind: "logistic", inputs: featureNames.length, classes: 2 },
    strategy: "FedAvg",
    wanted: regionCodes.length,
    deadlineMs: 600_000,
    roundsMax,
    local: { epochs: 5, batchSize: 32, learningRate: 0.3 },
    // Regions are jurisdictions of their own, and what happens in them is too different for updates to be compared.
    aggregation: "MASKED",
    bound: 5,
    privacy: null,
    convergence: { accuracyWanted: 1, patience: 5 },
  });
  return { modelId, task, regionCodes, coordinatedBy, seed: "seed" };
}
