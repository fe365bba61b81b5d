/** The compliance subgraph: what law asks, whether it is kept, and the proof. */

import { deriveSubjectKey } from "../../policies/runtime/subjectHash.ts";
import { openPostgresEventLog } from "../shared/eventLog/postgresEventLog.ts";
import { runSubgraph } from "../shared/runSubgraph.ts";
import { createAskGateway } from "./askGateway.ts";
import { openDb } from "./db.ts";
import { createDecisionMetrics } from "./decisionMetrics.ts";
import { receiveDecisions } from "./jobs/receiveDecisions.ts";
import { startStoringDecisions } from "./jobs/storeDecisions.ts";
import { startWatchingChains } from "./jobs/watchChains.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";

await runSubgraph(async ({ databaseUrl, eventLogUrl, contextKey, gatewayUrl }, log) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-compliance" });
  const eventLog = openPostgresEventLog({
    url: eventLogUrl,
    applicationName: "atlas-event-log",
    onFault: (error) => log.warn({ err: error }, "event log connection failed and will be made again"),
  });
  const storing = await startStoringDecisions({ db, eventLog, log });
  const watching = startWatchingChains({ db, log });
  const metrics = createDecisionMetrics(db);
  const subjectKey = deriveSubjectKey(contextKey);
  const askGateway = createAskGateway(gatewayUrl, contextKey);
  return {
    name: "compliance",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => {
      const now = new Date();
      return { caller, db, now, subjectKey, askGateway, loaders: createLoaders(db, caller, now) };
    },
    serve: (app) => {
      receiveDecisions(app, { eventLog, contextKey, log });
      app.get("/metrics", async (_request, reply) => {
        reply.type(metrics.contentType);
        return metrics.metrics();
      });
    },
    checkReady: db.checkReady,
    close: async () => {
      await Promise.all([storing.stop(), watching.stop()]);
      await eventLog.close();
      await db.close();
    },
  };
});
