/** Fields of the types, where the row alone does not answer. */
import { getRow } from "../../shared/getRow.ts";
import { getUuid, toGlobalId, toResidencyName } from "../../shared/ids.ts";
import { parseFirst } from "../../shared/page.ts";
import type { Context } from "../context.ts";
import type { Spent } from "../db/training.ts";
import { epsilonOf } from "../domain/privacy/rdpAccountant.ts";
import { runTask } from "../domain/rounds/runTask.ts";
import type {
  CountryResolvers,
  DriftReportResolvers,
  ExperimentResolvers,
  ExperimentVerdictResolvers,
  FederatedRunResolvers,
  FusionResultResolvers,
  ModelAliasResolvers,
  ModelResolvers,
  ModelVersionResolvers,
  PredictionResolvers,
  PromotionResolvers,
  RegionResolvers,
  RegionTrainingResolvers,
  RegionUpdateResolvers,
  RiskAssessmentResolvers,
  RoundResolvers,
  ShadowComparisonResolvers,
  TrainingTaskResolvers,
} from "../generated/resolvers.ts";
import type { RiskAssessmentMapper } from "../mappers.ts";
import type { Answer } from "./createAnswerLoader.ts";
import { noPrediction } from "./noPrediction.ts";

export const Model: ModelResolvers = {
  __resolveReference: (reference, { loaders }) =>
    "code" in reference
      ? loaders.modelByCode.load(reference.code)
      : loaders.modelById.load(getUuid(reference.id, "Model")),
  id: ({ id }) => toGlobalId("global", "Model", id),
  versions: async ({ id }, { first }, { loaders }) => [
    ...(await loaders.versionsOfModel.load(id, parseFirst(first ?? 20, 100))),
  ],
  champion: ({ id }, _args, { loaders }) => loaders.championOfModel.load(id),
  aliases: async ({ id }, _args, { loaders }) => [...(await loaders.aliasesOfModel.load(id))],
  promotions: async ({ id }, { first }, { loaders }) => [
    ...(await loaders.promotionsOfModel.load(id, parseFirst(first ?? 20, 100))),
  ],
  shadow: ({ id }, _args, { loaders }) => loaders.shadowOfModel.load(id),
  experiment: ({ id }, _args, { loaders }) => loaders.experimentOfModel.load(id),
};

export const ModelAlias: ModelAliasResolvers = {
  version: ({ versionId }, _args, { loaders }) => getRow(loaders.version, versionId),
};

export const Promotion: PromotionResolvers = {
  version: ({ versionId }, _args, { loaders }) => getRow(loaders.version, versionId),
  previous: ({ previousVersionId }, _args, { loaders }) =>
    previousVersionId === null ? null : loaders.version.load(previousVersionId),
};

export const ShadowComparison: ShadowComparisonResolvers = {
  version: ({ versionId }, _args, { loaders }) => getRow(loaders.version, versionId),
  champion: ({ championId }, _args, { loaders }) => getRow(loaders.version, championId),
};

export const ModelVersion: ModelVersionResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.version.load(getUuid(id, "ModelVersion")),
  id: ({ id }) => toGlobalId("global", "ModelVersion", id),
  model: ({ modelId }, _args, { loaders }) => getRow(loaders.modelById, modelId),
  trainedBy: ({ federatedRunId }, _args, { loaders }) =>
    federatedRunId === null ? null : loaders.run.load(federatedRunId),
  features: async ({ id }, _args, { loaders }) => [...(await getRow(loaders.featuresOfVersion, id)).features],
  privacySpent: async ({ federatedRunId }, _args, { loaders }) =>
    federatedRunId === null ? [] : sumPrivacy(await loaders.privacyOfRun.load(federatedRunId)),
  metrics: ({ metrics }) => Object.entries(metrics).map(([name, value]) => ({ name, value })),
  driftReports: async ({ id }, { first }, { loaders }) => [
    ...(await loaders.driftOfVersion.load(id, parseFirst(first ?? 20, 100))),
  ],
};

export const FederatedRun: FederatedRunResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.run.load(getUuid(id, "FederatedRun")),
  id: ({ id }) => toGlobalId("global", "FederatedRun", id),
  model: ({ modelId }, _args, { loaders }) => getRow(loaders.modelById, modelId),
  regions: ({ regionCodes }) => regionCodes.map((code) => ({ code })),
  rounds: async ({ id }, _args, { loaders }) => [...(await loaders.roundsOfRun.load(id))],
  aggregation: ({ task }) => (task === null ? null : runTask.parse(task).aggregation),
  coordinatedBy: ({ coordinatedBy }) => (coordinatedBy === null ? null : { code: coordinatedBy }),
  weightsHash: ({ baseHash }) => baseHash,
};

export const Round: RoundResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.round.load(getUuid(id, "Round")),
  id: ({ id }) => toGlobalId("global", "Round", id),
  run: ({ runId }, _args, { loaders }) => getRow(loaders.run, runId),
  accepted: ({ id }, _args, context) => countUpdates(context, id, true),
  rejected: ({ id }, _args, context) => countUpdates(context, id, false),
  updates: async ({ id }, _args, { loaders }) => [...(await loaders.regionUpdatesOfRound.load(id))],
};

export const RegionUpdate: RegionUpdateResolvers = {
  region: ({ regionCode }) => ({ code: regionCode }),
};

export const TrainingTask: TrainingTaskResolvers = {
  round: ({ roundId }, _args, { loaders }) => getRow(loaders.round, roundId),
  task: ({ task }) => JSON.stringify(task),
  weightsHash: ({ baseHash }) => baseHash,
  manifest: ({ base }) => JSON.stringify(base.manifest),
  weights: ({ base }) => Buffer.from(base.vector).toString("base64"),
  sum: ({ secure }) =>
    secure
      ? {
          stage: secure.stage,
          task: JSON.stringify(secure.sumTask),
          parts: Object.entries(secure.request).map(([name, bytes]) => ({
            name,
            bytes: Buffer.from(bytes).toString("base64"),
          })),
        }
      : null,
};

async function countUpdates({ loaders }: Context, roundId: string, accepted: boolean): Promise<number> {
  const counts = await loaders.updatesOfRound.load(roundId);
  return counts.find((count) => count.accepted === accepted)?._count._all ?? 0;
}

/** ε of each group over the rounds that it paid for. */
function sumPrivacy(spent: readonly Spent[]) {
  const groups = [...new Set(spent.map(({ subjectGroup }) => subjectGroup))];
  return groups.map((subjectGroup) => {
    const rounds = spent.filter((entry) => entry.subjectGroup === subjectGroup);
    const delta = rounds[0]?.delta ?? 0;
    return { subjectGroup, rounds: rounds.length, epsilon: epsilonOf(rounds, delta).epsilon, delta };
  });
}

export const Experiment: ExperimentResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.experiment.load(getUuid(id, "Experiment")),
  id: ({ id }) => toGlobalId("global", "Experiment", id),
  control: ({ controlVersionId }, _args, { loaders }) => getRow(loaders.version, controlVersionId),
  treatment: ({ treatmentVersionId }, _args, { loaders }) => getRow(loaders.version, treatmentVersionId),
  model: async ({ controlVersionId }, _args, { loaders }) =>
    getRow(loaders.modelById, (await getRow(loaders.version, controlVersionId)).modelId),
};

export const ExperimentVerdict: ExperimentVerdictResolvers = {
  judgedAt: ({ judgedAt }) => new Date(judgedAt),
};

export const DriftReport: DriftReportResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.driftReport.load(getUuid(id, "DriftReport")),
  id: ({ id }) => toGlobalId("global", "DriftReport", id),
  modelVersion: ({ modelVersionId }, _args, { loaders }) => getRow(loaders.version, modelVersionId),
};

export const Prediction: PredictionResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.prediction.load(getUuid(id, "Prediction")),
  id: ({ residency, id }) => toGlobalId(residency, "Prediction", id),
  residency: ({ residency }) => toResidencyName(residency),
  modelVersion: ({ modelVersionId }, _args, { loaders }) => getRow(loaders.version, modelVersionId),
};

export const RegionTraining: RegionTrainingResolvers = {
  lastRound: ({ lastRoundId }, _args, { loaders }) =>
    lastRoundId === null ? null : loaders.round.load(lastRoundId),
};

export const RiskAssessment: RiskAssessmentResolvers = {
  prediction: async (assessment, _args, context) => {
    const answer = await answerFor(assessment, context);
    return answer.kind === "PREDICTED" ? answer.prediction : null;
  },
  noPrediction: async (assessment, _args, context) => {
    const answer = await answerFor(assessment, context);
    return answer.kind === "NONE" ? answer.none : null;
  },
};

async function answerFor({ id, country }: RiskAssessmentMapper, { loaders }: Context): Promise<Answer> {
  getUuid(id, "RiskAssessment");
  return country
    ? loaders.answerOfCountry.load(country.code)
    : { kind: "NONE", none: noPrediction("NOT_ABOUT_A_COUNTRY", "") };
}

export const FusionResult: FusionResultResolvers = {
  model: async ({ id }, _args, { loaders }) => {
    const prediction = await loaders.predictionOfFusion.load(getUuid(id, "FusionResult"));
    return prediction && getRow(loaders.version, prediction.modelVersionId);
  },
};

export const Country: CountryResolvers = {
  predictions: async ({ code }, { first }, { loaders }) => [
    ...(await loaders.predictionsOfCountry.load(code, parseFirst(first ?? 5, 100))),
  ],
};

export const Region: RegionResolvers = {
  training: ({ code }, _args, { loaders }) => loaders.trainingOfRegion.load(code),
};
