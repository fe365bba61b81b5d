/** Where the running region listens, for the commands that talk to it (`npm run -s token`, `npm run import`, …). */
import { readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { findRunning } from "./lock.ts";
import { graphqlUrlOf, type RegionSettings } from "./region.ts";
import { state, writePrivately } from "./state.ts";

const endpointsSchema = z.object({
  region: z.string(),
  graphql: z.url(),
  graphiql: z.url(),
  issuer: z.url(),
  database: z.object({ host: z.string(), port: z.number(), name: z.string() }),
});

export type Endpoints = z.infer<typeof endpointsSchema>;

export async function writeEndpoints({
  region,
  ports,
  identity,
  database,
}: RegionSettings): Promise<Endpoints> {
  const graphql = graphqlUrlOf(ports.gateway);
  const endpoints: Endpoints = {
    region,
    graphql,
    graphiql: new URL("/graphiql", graphql).href,
    issuer: identity.issuer,
    database: { host: "127.0.0.1", port: ports.postgres, name: database },
  };
  await writePrivately(state.endpoints, JSON.stringify(endpoints, null, 2));
  return endpoints;
}

export function removeEndpoints(): void {
  rmSync(state.endpoints, { force: true });
}

/** Null when no region runs in this checkout; a file that a killed one left is not believed. */
export function findEndpoints(): Endpoints | null {
  if (findRunning() === undefined) return null;
  try {
    return endpointsSchema.parse(JSON.parse(readFileSync(state.endpoints, "utf8")));
  } catch {
    return null;
  }
}
