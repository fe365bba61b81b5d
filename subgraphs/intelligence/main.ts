/** The intelligence subgraph: what was observed, what it is about, and the risk that follows. */
import { runSubgraph } from "../shared/runSubgraph.ts";
import { openDb } from "./db.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";

await runSubgraph(async ({ databaseUrl, region }) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-intelligence" });
  return {
    name: "intelligence",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => ({ caller, db, region, loaders: createLoaders(db, caller.tenant) }),
    checkReady: db.checkReady,
    close: db.close,
  };
});
