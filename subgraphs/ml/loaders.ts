/** One batch function for each key, made anew for each request. */
import { createArgumentLoader } from "../shared/createArgumentLoader.ts";
import { createListLoader, createLoader } from "../shared/createLoader.ts";
import type { Reader } from "../shared/filters/rowFilter.ts";
import type { Db } from "./db.ts";
import { createAnswerLoader } from "./resolvers/createAnswerLoader.ts";

export type Loaders = ReturnType<typeof createLoaders>;

/** The tenant bounds predictions, lists of them what policies let the reader see; models and their training belong to no tenant. */
export function createLoaders(db: Db, reader: Reader) {
  const { tenant } = reader;
  return {
    modelByCode: createLoader(db.findModelsByCode, (model) => model.code),
    modelById: createLoader(db.findModelsById, (model) => model.id),
    version: createLoader(db.findVersionsById, (version) => version.id),
    versionsOfModel: createArgumentLoader(db.findVersionsOfModels, (version) => version.modelId),
    featuresOfVersion: createLoader(db.findFeatures, (version) => version.id),
    championOfModel: createLoader(db.findChampions, (version) => version.modelId),
    aliasesOfModel: createListLoader(db.findAliasesOfModels, (alias) => alias.modelId),
    promotionsOfModel: createArgumentLoader(db.findPromotionsOfModels, (move) => move.modelId),
    shadowOfModel: createLoader(
      (ids) => db.compareWithChampions(ids, "shadow"),
      (comparison) => comparison.modelId,
    ),
    servingOfModel: createLoader(db.findServing, (serving) => serving.modelCode),
    run: createLoader(db.findFederatedRunsById, (run) => run.id),
    round: createLoader(db.findRoundsById, (round) => round.id),
    roundsOfRun: createListLoader(db.findRoundsOfRuns, (round) => round.runId),
    privacyOfRun: createListLoader(db.findPrivacyOfRuns, (spent) => spent.runId),
    updatesOfRound: createListLoader(db.countUpdates, (count) => count.roundId),
    regionUpdatesOfRound: createListLoader(db.findUpdatesOfRounds, (update) => update.roundId),
    trainingOfRegion: createLoader(db.findTraining, (training) => training.regionCode),
    experiment: createLoader(db.findExperimentsById, (experiment) => experiment.id),
    experimentOfModel: createLoader(db.findRunningExperiments, (experiment) => experiment.modelId ?? ""),
    driftReport: createLoader(db.findDriftReportsById, (report) => report.id),
    driftOfVersion: createArgumentLoader(db.findDriftOfVersions, (report) => report.modelVersionId),
    window: createLoader(db.findCurrentWindows, (window) => window.countryCode),
    prediction: createLoader(
      (ids) => db.findPredictionsById(tenant, ids),
      (prediction) => prediction.id,
    ),
    answerOfCountry: createAnswerLoader(db, tenant),
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
