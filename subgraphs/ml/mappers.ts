/** Which row each graph type resolves from; codegen.ts reads the names. */
import type * as rows from "../../prisma/generated/client.ts";
import type { Drift } from "./db/evaluation.ts";
import type { StoredExperiment, StoredVerdict } from "./db/experiments.ts";
import type { Version } from "./db/models.ts";
import type { StoredPrediction } from "./db/predictions.ts";
import type { StoredComparison, StoredPromotion } from "./db/registry.ts";
import type { Training } from "./db/training.ts";
import type { TrainingTask } from "./resolvers/findTrainingTasks.ts";

export type ModelMapper = rows.Model;
export type ModelVersionMapper = Version;
export type FederatedRunMapper = rows.FederatedRun;
export type RoundMapper = rows.Round;
export type RegionUpdateMapper = rows.RoundUpdate;
export type TrainingTaskMapper = TrainingTask;
export type ExperimentMapper = StoredExperiment;
export type ExperimentVerdictMapper = StoredVerdict;
export type ModelAliasMapper = rows.ModelAlias;
export type PromotionMapper = StoredPromotion;
export type ShadowComparisonMapper = StoredComparison;
export type DriftReportMapper = Drift;
export type PredictionMapper = StoredPrediction;
export type RegionTrainingMapper = Training;
/** Types of other subgraphs: only their keys are known here. */
export type RegionMapper = { readonly code: string };
export type CountryMapper = { readonly code: string };
export type RiskAssessmentMapper = {
  readonly id: string;
  /** Only where a field that requires it is asked for; null when the assessment is about something else. */
  readonly country?: { readonly code: string } | null;
};
export type FusionResultMapper = { readonly id: string };
