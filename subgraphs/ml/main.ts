/** The ml subgraph: models, how regions train them together, and what they predict. */
import { openEventLog } from "../shared/eventLog/openEventLog.ts";
import { runSubgraph } from "../shared/runSubgraph.ts";
import { openDb } from "./db.ts";
import { startBuildingExamples } from "./jobs/buildExamples.ts";
import { startCoordinator } from "./jobs/coordinateRuns.ts";
import { keepFollowingSignals } from "./jobs/followSignals.ts";
import { startKeepingPredictions } from "./jobs/keepPredictions.ts";
import { startLearner } from "./jobs/learnContinually.ts";
import { createLoadedVersions } from "./loadedVersions.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";
import { openRoundFeed } from "./roundFeed.ts";

await runSubgraph(async ({ databaseUrl, eventLogUrl, region }, log) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-ml" });
  const eventLog = openEventLog({
    url: eventLogUrl,
    applicationName: "atlas-event-log",
    onFault: (error) => log.warn({ err: error }, "event log connection failed and will be made again"),
  });
  const versions = createLoadedVersions(db, log);
  const roundFeed = openRoundFeed(databaseUrl, log);
  const jobs = [
    startCoordinator({ db, log, region }),
    startLearner({ db, log, region }),
    keepFollowingSignals({ db, eventLog, log }),
    startBuildingExamples({ db, log }),
    startKeepingPredictions({ db, versions, log }),
  ];
  return {
    name: "ml",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => ({
      caller,
      db,
      region,
      versions,
      roundFeed,
      loaders: createLoaders(db, caller),
    }),
    checkReady: db.checkReady,
    close: async () => {
      await roundFeed.close();
      await Promise.all([...jobs.map((job) => job.stop()), eventLog.close()]);
      await db.close();
    },
  };
});
