import { getUuid } from "../../shared/ids.ts";
import { parseFirst } from "../../shared/page.ts";
import type { QueryResolvers } from "../generated/resolvers.ts";
import { findTrainingTasks } from "./findTrainingTasks.ts";
import { predict } from "./predict.ts";

export const Query: QueryResolvers = {
  models: (_root, _args, { db }) => db.findModels(),
  model: (_root, { code }, { loaders }) => loaders.modelByCode.load(code),
  modelVersion: (_root, { id }, { loaders }) => loaders.version.load(getUuid(id, "ModelVersion")),
  federatedRuns: (_root, { first }, { db }) => db.findFederatedRuns(parseFirst(first ?? 20, 100)),
  federatedRun: (_root, { id }, { loaders }) => loaders.run.load(getUuid(id, "FederatedRun")),
  trainingTasks: async (_root, { trainer }, { db, caller, region }) => {
    const offered = await db.findParticipant(trainer);
    const isOwn = offered !== null && offered.tenant === caller.tenant && offered.owner === caller.subject;
    return isOwn ? [...(await findTrainingTasks(db, region, trainer))] : [];
  },
  predict,
  experiment: (_root, { id }, { loaders }) => loaders.experiment.load(getUuid(id, "Experiment")),
  experiments: (_root, { first }, { db }) => db.findExperiments(parseFirst(first ?? 20, 100)),
};
