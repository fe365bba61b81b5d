/** The regions subgraph: where Atlas serves, which law holds there, and what people allowed. */
import { runSubgraph } from "../shared/runSubgraph.ts";
import { openDb } from "./db.ts";
import { startBeating } from "./jobs/beat.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";

await runSubgraph(async ({ databaseUrl }, log) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-regions" });
  const pulse = startBeating({ beat: db.beat, maintain: db.maintainLog, log });
  return {
    name: "regions",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => ({ caller, db, loaders: createLoaders(db, caller.tenant) }),
    checkReady: db.checkReady,
    close: async () => {
      await pulse.stop();
      await db.close();
    },
  };
});
