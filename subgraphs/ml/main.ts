/** The ml subgraph: models, how regions train them together, and what they predict. */
import { runSubgraph } from "../shared/runSubgraph.ts";
import { openDb } from "./db.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";

await runSubgraph(async ({ databaseUrl }) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-ml" });
  return {
    name: "ml",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => ({ caller, db, loaders: createLoaders(db, caller.tenant) }),
    checkReady: db.checkReady,
    close: db.close,
  };
});
