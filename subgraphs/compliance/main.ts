/** The compliance subgraph: what law asks, whether it is kept, and the proof. */
import { runSubgraph } from "../shared/runSubgraph.ts";
import { openDb } from "./db.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";

await runSubgraph(async ({ databaseUrl }) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-compliance" });
  return {
    name: "compliance",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => {
      const now = new Date();
      return { caller, db, now, loaders: createLoaders(db, caller.tenant, now) };
    },
    checkReady: db.checkReady,
    close: db.close,
  };
});
