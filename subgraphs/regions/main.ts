/** The regions subgraph: where Atlas serves, which law holds there, and what people allowed. */
import { runSubgraph } from "../shared/runSubgraph.ts";
import { parseRegionsConfig } from "./config.ts";
import { openDb } from "./db.ts";
import { failoverClock } from "./domain/failover/clock.ts";
import { startBeating } from "./jobs/beat.ts";
import { createGuard } from "./jobs/guardRegions.ts";
import { probeRegion } from "./jobs/probeRegion.ts";
import { startGuarding } from "./jobs/startGuarding.ts";
import { createLoaders } from "./loaders.ts";
import { createRegionFeed } from "./regionFeed.ts";
import { resolvers } from "./resolvers/index.ts";

await runSubgraph(async ({ databaseUrl, region }, log) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-regions" });
  const { peerGateways } = parseRegionsConfig(process.env);
  const pulse = startBeating({ beat: db.beat, maintain: db.maintainLog, log });
  const regionFeed = createRegionFeed();
  const guard = createGuard({
    db,
    gateways: peerGateways,
    probe: probeRegion,
    clock: failoverClock,
    log,
    onLooked: regionFeed.observe,
  });
  const guarding = startGuarding({ guard, clock: failoverClock, log });
  return {
    name: "regions",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => ({
      caller,
      db,
      region,
      regionFeed,
      loaders: createLoaders(db, caller),
    }),
    checkReady: db.checkReady,
    close: async () => {
      regionFeed.close();
      await Promise.all([guarding.stop(), pulse.stop()]);
      await db.close();
    },
  };
});
