import type { MutationResolvers } from "../generated/resolvers.ts";
import { promoteModelVersion } from "./promoteModelVersion.ts";
import { startFederatedRun } from "./startFederatedRun.ts";
import { offerTrainer, submitPiece, submitSumAnswer, submitUpdate } from "./trainerMutations.ts";

export const Mutation: MutationResolvers = {
  promoteModelVersion,
  startFederatedRun,
  offerTrainer,
  submitUpdate,
  submitPiece,
  submitSumAnswer,
};
