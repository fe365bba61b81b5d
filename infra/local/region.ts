/**
 * The processes of one region and the environment that each gets: the launcher and the tests start them from here, so
 * what is tested is what runs.
 */
import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import { deriveContextKey } from "../../gateway/stages/signContext.ts";
import { jurisdictions } from "../../subgraphs/regions/domain/jurisdictions.ts";
import type { SignedPolicies } from "../policies/signLocalPolicies.ts";
import { getMember } from "../replication/member.ts";
import { checkout, compiled } from "./paths.ts";
import type { PartName, Ports } from "./ports.ts";
import { databaseUrlOf, type Passwords } from "./prepareDatabase.ts";
import { type SubgraphName, subgraphNames } from "./subgraphNames.ts";

export type RegionSettings = {
  /** Code of the region, such as `us-east`. */
  readonly region: string;
  readonly ports: Ports;
  /** 32 bytes; each subgraph's key is derived from it. */
  readonly contextSecret: Uint8Array;
  readonly database: string;
  readonly passwords: Passwords;
  readonly policies: SignedPolicies;
  readonly identity: { readonly issuer: string; readonly audience: string; readonly jwksUrl: string };
  /** All regions, this one among them, and where their parts listen; left out for a region that is alone. */
  readonly regions?: readonly { readonly region: string; readonly ports: Ports }[];
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
};

/** What the gateway alone is told, a subgraph need not have. */
export type SubgraphSettings = Omit<RegionSettings, "policies">;

/** One process. `health` answers 200 when it can do its work. */
export type Part = {
  readonly name: PartName;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly health: string;
};

const host = "127.0.0.1";

export function subgraphPart(name: SubgraphName, settings: SubgraphSettings): Part {
  const { region, regions, ports, database, passwords, contextSecret } = settings;
  return {
    name,
    script: compiled(`subgraphs/${name}/main.js`),
    env: {
      ...common(name, settings),
      DATABASE_URL: databaseUrlOf(ports.postgres, database, name, passwords),
      ATLAS_CONTEXT_KEY: toBase64url(deriveContextKey(contextSecret, name)),
      ...(name === "regions" && regions && { ATLAS_PEER_GATEWAYS: toPeerGateways(region, regions) }),
      ...(name === "intelligence" && {
        ATLAS_WEBHOOK_KEY: toBase64url(deriveWebhookMasterKey(contextSecret)),
      }),
      ...(name === "compliance" && { ATLAS_GATEWAY_URL: `http://${host}:${ports.gateway}` }),
    },
    health: healthOf(ports[name]),
  };
}

/** Of which the intelligence subgraph derives a key for each webhook. */
export function deriveWebhookMasterKey(contextSecret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", contextSecret, "", "atlas-webhooks", 32));
}

/** Fetches from the subgraphs where they really listen, whatever supergraph.yaml says. */
export function gatewayPart(
  settings: RegionSettings,
  subgraphs: readonly SubgraphName[] = subgraphNames,
): Part {
  const { ports, identity, policies } = settings;
  return {
    name: "gateway",
    script: compiled("gateway/main.js"),
    env: {
      ...common("gateway", settings),
      // Room for young objects: docs/guides/performance.md.
      NODE_OPTIONS: "--max-semi-space-size=32",
      ATLAS_PROFILE: "local",
      ATLAS_SUPERGRAPH: join(checkout, "supergraph.yaml"),
      ATLAS_ROUTING_URLS: subgraphs.map((name) => `${name}=http://${host}:${ports[name]}/graphql`).join(","),
      ...(settings.regions && { ATLAS_REGIONS: toRegionList(settings.regions) }),
      ATLAS_CONTEXT_SECRET: toBase64url(settings.contextSecret),
      ATLAS_ISSUER: identity.issuer,
      ATLAS_AUDIENCE: identity.audience,
      ATLAS_JWKS_URL: identity.jwksUrl,
      ATLAS_POLICIES: policies.source,
      ATLAS_POLICY_KEYS: policies.keys,
      ...(policies.shadow !== undefined && { ATLAS_POLICIES_SHADOW: policies.shadow }),
      ATLAS_DECISION_LOG_URL: `http://${host}:${ports.compliance}/decisions`,
      // Three nested lists of 300 would hold a subgraph up for everybody; a page of 300 with its details is below.
      ATLAS_COST_MAX: "20000",
    },
    health: healthOf(ports.gateway),
  };
}

/** The local issuer, with its demo users: never part of a production deployment. */
export function issuerPart(settings: RegionSettings, stateFolder: string): Part {
  return {
    name: "issuer",
    script: compiled("infra/local/issuer/main.js"),
    env: { ...common("issuer", settings), ATLAS_STATE: stateFolder },
    health: healthOf(settings.ports.issuer),
  };
}

export function localIdentity(ports: Ports): RegionSettings["identity"] {
  const issuer = `http://${host}:${ports.issuer}`;
  return { issuer, audience: "atlas", jwksUrl: `${issuer}/jwks` };
}

export function graphqlUrlOf(port: number): string {
  return `http://${host}:${port}/graphql`;
}

function common(name: PartName, { region, ports, logLevel }: SubgraphSettings): Record<string, string> {
  return {
    ATLAS_HOST: host,
    ATLAS_PORT: String(ports[name]),
    ATLAS_REGION: region,
    ATLAS_LOG_LEVEL: logLevel,
    NODE_ENV: "production",
    APOLLO_TELEMETRY_DISABLED: "1",
  };
}

function healthOf(port: number): string {
  return `http://${host}:${port}/health/ready`;
}

function toPeerGateways(here: string, regions: NonNullable<RegionSettings["regions"]>): string {
  return regions
    .filter(({ region }) => region !== here)
    .map(({ region, ports }) => `${region}=http://${host}:${ports.gateway}`)
    .join(",");
}

/** As gateway/routing/regionEndpoints.ts reads it. */
function toRegionList(regions: NonNullable<RegionSettings["regions"]>): string {
  return JSON.stringify(
    regions.map(({ region, ports }) => ({
      region,
      jurisdiction: jurisdictionOfRegion(region),
      holds: getMember(region).holds,
      subgraphs: Object.fromEntries(subgraphNames.map((name) => [name, graphqlUrlOf(ports[name])])),
    })),
  );
}

/** The first law by which data may be stored there and hardly anywhere else. */
function jurisdictionOfRegion(region: string): string {
  const found = jurisdictions.find(
    ({ allowedRegions }) => allowedRegions.length === 1 && allowedRegions.some((one) => one === region),
  );
  if (found === undefined) throw new Error(`expected a jurisdiction whose data is stored in ${region}`);
  return found.code;
}

function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
