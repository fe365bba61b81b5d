/** The ml subgraph: models, how regions train them together, and what they predict. */
import { runSubgraph } from "../shared/runSubgraph.ts";
import { openDb } from "./db.ts";
import { startCoordinator } from "./jobs/coordinateRuns.ts";
import { startLearner } from "./jobs/learnContinually.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";

await runSubgraph(async ({ databaseUrl, region }, log) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-ml" });
  const coordinator = startCoordinator({ db, log, region });
  const learner = startLearner({ db, log, region });
  return {
    name: "ml",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => ({ caller, db, region, loaders: createLoaders(db, caller) }),
    checkReady: db.checkReady,
    close: async () => {
      await Promise.all([coordinator.stop(), learner.stop()]);
      await db.close();
    },
  };
});
