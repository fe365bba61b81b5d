/** The mobile subgraph: people's devices, how far they have synced, and what is pushed to them. */
import { runSubgraph } from "../shared/runSubgraph.ts";
import { openDb } from "./db.ts";
import { createLoaders } from "./loaders.ts";
import { toOwner } from "./owner.ts";
import { resolvers } from "./resolvers/index.ts";

await runSubgraph(async ({ databaseUrl }) => {
  const db = openDb({ url: databaseUrl, applicationName: "atlas-mobile" });
  return {
    name: "mobile",
    schema: new URL("./schema.graphql", import.meta.url),
    resolvers,
    createContext: (caller) => {
      const owner = toOwner(caller);
      return { caller, owner, db, loaders: createLoaders(db, owner) };
    },
    checkReady: db.checkReady,
    close: db.close,
  };
});
