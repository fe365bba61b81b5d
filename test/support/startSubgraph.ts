/** One subgraph as its own process over a test's database, asked directly as a gateway would. */
import { randomBytes } from "node:crypto";
import { ports } from "../../infra/local/ports.ts";
import { graphqlUrlOf, type SubgraphSettings, subgraphPart } from "../../infra/local/region.ts";
import type { SubgraphName } from "../../infra/local/subgraphNames.ts";
import { type Answer, postGraphql } from "./postGraphql.ts";
import { type ContextClaims, signContext } from "./signContext.ts";
import type { TestDatabase } from "./startDatabase.ts";
import { findPort, type RunningPart, startPart } from "./startPart.ts";

export type RunningSubgraph = RunningPart & {
  readonly url: string;
  readonly contextSecret: Uint8Array;
  /** Answers with the subgraph's own answer; `claims` change who the gateway says is calling. */
  readonly query: <Data = unknown>(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    claims?: Partial<ContextClaims>,
  ) => Promise<Answer<Data>>;
};

export async function startSubgraph(name: SubgraphName, database: TestDatabase): Promise<RunningSubgraph> {
  const contextSecret = randomBytes(32);
  const port = await findPort();
  const settings: SubgraphSettings = {
    region: "us-east",
    ports: { ...ports, [name]: port, postgres: database.port },
    contextSecret,
    database: database.name,
    passwords: database.passwords,
    // A subgraph trusts the gateway's signature and never sees a caller's token.
    identity: { issuer: "", audience: "", jwksUrl: "" },
    logLevel: "info",
  };
  const part = await startPart(subgraphPart(name, settings));
  const url = graphqlUrlOf(port);
  return {
    ...part,
    url,
    contextSecret,
    query: async (query, variables, claims = {}) => {
      const context = await signContext({ secret: contextSecret, audience: name, claims });
      return postGraphql(url, { query, variables }, { "atlas-context": context });
    },
  };
}
