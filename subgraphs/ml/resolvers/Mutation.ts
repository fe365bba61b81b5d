import type { MutationResolvers } from "../generated/resolvers.ts";
import { startExperiment, stopExperiment } from "./experimentMutations.ts";
import { promote, rollback } from "./promote.ts";
import { startFederatedRun } from "./startFederatedRun.ts";
import { offerTrainer, submitPiece, submitSumAnswer, submitUpdate } from "./trainerMutations.ts";

export const Mutation: MutationResolvers = {
  promote,
  rollback,
  startExperiment,
  stopExperiment,
  startFederatedRun,
  offerTrainer,
  submitUpdate,
  submitPiece,
  submitSumAnswer,
};
