/**
 * A whole region for a test: database, five subgraphs and the gateway as real processes on free ports, and an issuer.
 * Everything is stopped and removed when the test disposes of it.
 */
import { randomBytes } from "node:crypto";
import { type PartName, type Ports, ports } from "../../infra/local/ports.ts";
import { gatewayPart, graphqlUrlOf, type RegionSettings, subgraphPart } from "../../infra/local/region.ts";
import { type SubgraphName, subgraphNames } from "../../infra/local/subgraphNames.ts";
import { createDisposer, type Disposer } from "./createDisposer.ts";
import { type Answer, postGraphql } from "./postGraphql.ts";
import type { Template } from "./run/databaseHost.ts";
import { type SignedPolicies, signPolicies } from "./signPolicies.ts";
import { startDatabase, type TestDatabase } from "./startDatabase.ts";
import { findPort, type RunningPart, startPart } from "./startPart.ts";
import { startTestIssuer, type TestIssuer, type TokenClaims } from "./startTestIssuer.ts";

export type Region = AsyncDisposable & {
  readonly url: string;
  readonly settings: RegionSettings;
  readonly database: TestDatabase;
  readonly issuer: TestIssuer;
  readonly policies: SignedPolicies;
  readonly gateway: RunningPart;
  readonly subgraphs: Readonly<Record<SubgraphName, RunningPart>>;
  /** Asks the gateway; anonymously unless `as` has claims (`{}` is an analyst). */
  readonly query: <Data = unknown>(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    as?: Partial<TokenClaims> | "anonymous",
  ) => Promise<Answer<Data>>;
};

export type RegionOptions = {
  /** Whether the gateway looks for a shadow (`policies.shadow`). */
  readonly hasShadow?: boolean;
};

export async function startRegion(from: Template = "seeded", options: RegionOptions = {}): Promise<Region> {
  const disposer = createDisposer();
  try {
    return await build(disposer, from, options);
  } catch (error) {
    await disposer[Symbol.asyncDispose]();
    throw error;
  }
}

async function build(
  disposer: Disposer,
  from: Template,
  { hasShadow = false }: RegionOptions,
): Promise<Region> {
  const database = disposer.use(await startDatabase({ from }));
  const issuer = disposer.use(await startTestIssuer());
  const policies = disposer.use(await signPolicies());
  const settings: RegionSettings = {
    region: "us-east",
    ports: { ...(await findPorts()), postgres: database.port },
    contextSecret: randomBytes(32),
    database: database.name,
    passwords: database.passwords,
    policies: {
      source: policies.file,
      keys: policies.environment.ATLAS_POLICY_KEYS,
      ...(hasShadow && { shadow: policies.shadow.file }),
    },
    identity: issuer.identity,
    logLevel: "info",
  };
  const subgraphs = await Promise.all(
    subgraphNames.map(
      async (name) => [name, disposer.use(await startPart(subgraphPart(name, settings)))] as const,
    ),
  );
  const gateway = disposer.use(await startPart(gatewayPart(settings)));
  const url = graphqlUrlOf(settings.ports.gateway);

  return {
    url,
    settings,
    database,
    issuer,
    policies,
    gateway,
    subgraphs: Object.fromEntries(subgraphs) as Record<SubgraphName, RunningPart>, // fromEntries forgets the keys
    query: async (query, variables, as = "anonymous") => {
      const headers = as === "anonymous" ? {} : { authorization: `Bearer ${await issuer.tokenFor(as)}` };
      return postGraphql(url, { query, variables }, headers);
    },
    [Symbol.asyncDispose]: () => disposer[Symbol.asyncDispose](),
  };
}

async function findPorts(): Promise<Ports> {
  const names = Object.keys(ports) as PartName[]; // the keys of a constant
  const found = await Promise.all(names.map(async (name) => [name, await findPort()] as const));
  return Object.fromEntries(found) as Record<PartName, number>; // fromEntries forgets the keys
}
