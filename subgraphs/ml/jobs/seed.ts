/**
 * The model that ships with Atlas, an example of a run, an experiment and drift reports, and predictions for the
 * countries of the demonstration tenant. Features are generated until models learn from signals; what is computed from
 * them (predictions, measurements, hashes) is computed by the same functions that serve. Running it again adds what
 * is missing and changes nothing.
 */
import { naturalId } from "../../shared/ids.ts";
import type { Db } from "../db.ts";
import { hashParameters } from "../domain/hashParameters.ts";
import { type Example, measureModel } from "../domain/measureModel.ts";
import type { LogisticModel } from "../domain/predict.ts";
import { countryRisk, countryRiskVersions } from "./seed/countryRisk.ts";
import { driftRows } from "./seed/driftRows.ts";
import { generateExamples } from "./seed/generateExamples.ts";
import { predictionRows } from "./seed/predictionRows.ts";
import { runRows } from "./seed/runRows.ts";

const tenant = "acme";
const dayMs = 24 * 60 * 60_000;

export async function seedMl(db: Db, now: Date): Promise<void> {
  const modelId = naturalId("public", "model", countryRisk.code);
  const { first, second } = countryRiskVersions;
  const holdOut = generateExamples(second, "hold-out", 500);
  const production = toVersion(modelId, 1, first, holdOut, daysBefore(now, 60));
  const trial = toVersion(modelId, 2, second, holdOut, daysBefore(now, 30));
  await db.seed({
    models: [{ ...countryRisk, id: modelId }],
    versions: [production.row, trial.row],
    aliases: [{ modelId, alias: "production", versionId: production.id, setAt: now, setBy: "seed" }],
    ...runRows(modelId, second, holdOut, daysBefore(now, 31)),
    experiments: [
      {
        id: naturalId("public", "experiment", countryRisk.code, "five-domains"),
        name: "Seeded example: three or all five domains of signals",
        controlVersionId: production.id,
        treatmentVersionId: trial.id,
        share: 0.1,
        status: "RUNNING",
        startedAt: daysBefore(now, 14),
      },
    ],
    driftReports: driftRows([production, trial], second, now),
    predictions: predictionRows(tenant, [production, trial], second, now),
  });
}

function toVersion(
  modelId: string,
  version: number,
  parameters: LogisticModel,
  holdOut: readonly Example[],
  createdAt: Date,
) {
  const id = naturalId("public", "model-version", countryRisk.code, String(version));
  const { brier, logLoss, accuracy } = measureModel(parameters, holdOut);
  const row = {
    id,
    modelId,
    version,
    contentHash: hashParameters(parameters),
    origin: "seed",
    parameters: { ...parameters, features: parameters.features.map((feature) => ({ ...feature })) },
    metrics: { brier, "log-loss": logLoss, accuracy },
    createdAt,
  };
  return { id, parameters, row };
}

function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * dayMs);
}
