/** Which row each graph type resolves from; codegen.ts reads the names. */
import type * as rows from "../../prisma/generated/client.ts";
import type { Drift } from "./db/evaluation.ts";
import type { Version } from "./db/models.ts";
import type { StoredPrediction } from "./db/predictions.ts";
import type { Training } from "./db/training.ts";
import type { TrainingTask } from "./resolvers/findTrainingTasks.ts";

export type ModelMapper = rows.Model;
export type ModelVersionMapper = Version;
export type FederatedRunMapper = rows.FederatedRun;
export type RoundMapper = rows.Round;
export type RegionUpdateMapper = rows.RoundUpdate;
export type TrainingTaskMapper = TrainingTask;
export type ExperimentMapper = rows.Experiment;
export type DriftReportMapper = Drift;
export type PredictionMapper = StoredPrediction;
export type RegionTrainingMapper = Training;
/** Types of other subgraphs: only their keys are known here. */
export type RegionMapper = { readonly code: string };
export type CountryMapper = { readonly code: string };
export type RiskAssessmentMapper = { readonly id: string };
export type FusionResultMapper = { readonly id: string };
