/** The intelligence subgraph: what was observed, what it is about, and the risk that follows. */
import { openEventLog } from "../shared/eventLog/openEventLog.ts";
import { runSubgraph } from "../shared/runSubgraph.ts";
import { openDb } from "./db.ts";
import { parseIngestConfig } from "./ingest/config.ts";
import { openIngestion } from "./ingest/openIngestion.ts";
import { parseConnectorConfig } from "./jobs/connectors/config.ts";
import { startConnectors } from "./jobs/connectors/startConnectors.ts";
import { startRelay } from "./jobs/relayOutbox.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";
import { openSignalFeed } from "./signalFeed.ts";

await runSubgraph(async ({ databaseUrl, eventLogUrl, region }, log) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-intelligence" });
  const eventLog = openEventLog({
    url: eventLogUrl,
    applicationName: "atlas-event-log",
    onFault: (error) => log.warn({ err: error }, "event log connection failed and will be made again"),
  });
  const signalFeed = openSignalFeed({ eventLog, findSignals: db.findSignalsOfAnyTenant, log });
  const relay = startRelay({ databaseUrl, eventLog, log });
  const config = parseIngestConfig(process.env);
  const connectors = startConnectors({
    db,
    regionCode: region,
    config: parseConnectorConfig(process.env),
    log,
  });
  const ingestion = openIngestion({ databaseUrl, eventLog, region, config, log });
  return {
    name: "intelligence",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => ({
      caller,
      db,
      region,
      signalFeed,
      ingestion,
      loaders: createLoaders(db, caller),
    }),
    serve: ingestion.serve,
    checkReady: db.checkReady,
    close: async () => {
      await signalFeed.close();
      // Together: a log that does not answer must not keep the relay, and with it the process, from stopping.
      await Promise.all([relay.stop(), connectors.stop(), ingestion.stop(), eventLog.close()]);
      await db.close();
    },
  };
});
