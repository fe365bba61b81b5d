/** One batch function for each key, made anew for each request. */
import { createArgumentLoader } from "../shared/createArgumentLoader.ts";
import { createListLoader, createLoader } from "../shared/createLoader.ts";
import type { Reader } from "../shared/filters/rowFilter.ts";
import type { Db } from "./db.ts";

export type Loaders = ReturnType<typeof createLoaders>;

/** The tenant bounds predictions, lists of them what policies let the reader see; models and their training belong to no tenant. */
export function createLoaders(db: Db, reader: Reader) {
  const { tenant } = reader;
  return {
    modelByCode: createLoader(db.findModelsByCode, (model) => model.code),
    modelById: createLoader(db.findModelsById, (model) => model.id),
    version: createLoader(db.findVersionsById, (version) => version.id),
    versionsOfModel: createArgumentLoader(db.findVersionsOfModels, (version) => version.modelId),
    productionOfModel: createLoader(db.findProductionVersions, (version) => version.modelId),
    run: createLoader(db.findFederatedRunsById, (run) => run.id),
    round: createLoader(db.findRoundsById, (round) => round.id),
    roundsOfRun: createListLoader(db.findRoundsOfRuns, (round) => round.runId),
    updatesOfRound: createListLoader(db.countUpdates, (count) => count.roundId),
    regionUpdatesOfRound: createListLoader(db.findUpdatesOfRounds, (update) => update.roundId),
    trainingOfRegion: createLoader(db.findTraining, (training) => training.regionCode),
    experiment: createLoader(db.findExperimentsById, (experiment) => experiment.id),
    driftReport: createLoader(db.findDriftReportsById, (report) => report.id),
    driftOfVersion: createArgumentLoader(db.findDriftOfVersions, (report) => report.modelVersionId),
    prediction: createLoader(
      (ids) => db.findPredictionsById(tenant, ids),
      (prediction) => prediction.id,
    ),
    predictionOfAssessment: createLoader(
      (ids) => db.findProductionPredictions(tenant, ids),
      (prediction) => prediction.subjectKey,
    ),
    predictionOfFusion: createLoader(
      (ids) => db.findFusionPredictions(tenant, ids),
      (prediction) => prediction.subjectKey,
    ),
    predictionsOfCountry: createArgumentLoader(
      (codes, first: number) => db.findPredictionsOfCountries(reader, codes, first),
      (prediction) => prediction.subjectKey,
    ),
  };
}
