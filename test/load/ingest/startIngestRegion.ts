/** What ingestion needs of a region, with a database that writes to disk: the figures are of what production does. */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../../../infra/local/paths.ts";
import { type PartName, ports } from "../../../infra/local/ports.ts";
import { type Cluster, startCluster } from "../../../infra/local/postgres/cluster.ts";
import {
  databaseUrlOf,
  type Passwords,
  prepareDatabase,
  withClient,
} from "../../../infra/local/prepareDatabase.ts";
import { gatewayPart, type Part, type RegionSettings, subgraphPart } from "../../../infra/local/region.ts";
import { subgraphNames } from "../../../infra/local/subgraphNames.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { signPolicies } from "../../support/signPolicies.ts";
import { startKafka, type TestKafka } from "../../support/startKafka.ts";
import { findPort, type RunningPart, startPart } from "../../support/startPart.ts";
import { startTestIssuer } from "../../support/startTestIssuer.ts";
import { statementSettings } from "./listStatements.ts";

export type LogKind = "postgres" | "kafka";

export type IngestRegion = AsyncDisposable & {
  readonly url: string;
  readonly token: string;
  /** The superuser's. */
  readonly adminUrl: string;
  /** What the intelligence subgraph has for its log. */
  readonly eventLogUrl: string;
  readonly kafka: TestKafka | undefined;
  readonly processes: () => Readonly<Record<string, RunningPart>>;
  /** PostgreSQL's first process: its children work for it. */
  readonly findPostmaster: () => Promise<number>;
  /** SIGKILL, and the same part again. */
  readonly killAndRestart: (
    name: "gateway" | "intelligence" | "intelligence-2" | "postgres",
  ) => Promise<void>;
};

export type RegionOptions = {
  readonly log: LogKind;
  readonly sources: readonly string[];
  /** A second process of the subgraph takes over what the first was doing. */
  readonly twice?: boolean;
  /** PostgreSQL counts what each statement costs. */
  readonly countStatements?: boolean;
  /** Of the intelligence subgraph, beside what it has anyway. */
  readonly environment?: Readonly<Record<string, string>>;
};

export async function startIngestRegion({
  log,
  sources,
  twice = false,
  countStatements = false,
  environment = {},
}: RegionOptions): Promise<IngestRegion> {
  const disposer = createDisposer();
  try {
    const temporary = await mkdtemp(join(tmpdir(), "atlas-load-"));
    // PostgreSQL's own account must pass through; what it finds there is its own.
    await chmod(temporary, 0o711);
    disposer.use({ [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true }) });
    const folder = join(temporary, "postgres");
    const password = randomBytes(18).toString("base64url");
    const postgresPort = await findPort();
    const settings = countStatements ? statementSettings : {};
    const start = (): Promise<Cluster> => startCluster({ folder, port: postgresPort, password, settings });
    let cluster = await start();
    disposer.use({ [Symbol.asyncDispose]: async () => void (await cluster.stop()) });
    const passwords = newPasswords();
    await prepareDatabase(cluster.urlOf, "atlas", passwords);
    await insertSources(cluster.urlOf("atlas"), sources);

    const kafka =
      log === "kafka" ? disposer.use(await startKafka(join(checkout, ".atlas/kafka/libs"), 1)) : undefined;
    const issuer = disposer.use(await startTestIssuer());
    const policies = disposer.use(await signPolicies());
    const regionSettings: RegionSettings = {
      region: "us-east",
      ports: { ...(await findPorts()), postgres: postgresPort },
      contextSecret: randomBytes(32),
      database: "atlas",
      passwords,
      identity: issuer.identity,
      policies: { source: policies.file, keys: policies.environment.ATLAS_POLICY_KEYS },
      logLevel: "info",
    };
    const eventLogUrl = kafka?.url ?? databaseUrlOf(postgresPort, "atlas", "intelligence", passwords);
    const parts: Record<string, Part> = {
      intelligence: withEnv(subgraphPart("intelligence", regionSettings), {
        ...environment,
        EVENT_LOG_URL: eventLogUrl,
      }),
      ...(twice
        ? {
            "intelligence-2": onPort(
              withEnv(subgraphPart("intelligence", regionSettings), {
                ...environment,
                EVENT_LOG_URL: eventLogUrl,
              }),
              await findPort(),
            ),
          }
        : {}),
      // The other subgraphs are not there, so it is alive and not ready.
      gateway: alive(gatewayPart(regionSettings)),
    };
    const running: Record<string, RunningPart> = {};
    for (const [name, part] of Object.entries(parts)) running[name] = await startPart(part);
    disposer.use({
      [Symbol.asyncDispose]: async () => {
        for (const part of Object.values(running)) await part.stop();
      },
    });

    return {
      url: `http://127.0.0.1:${regionSettings.ports.gateway}`,
      token: await issuer.tokenFor({ exp: Math.floor(Date.now() / 1_000) + 86_400 }),
      adminUrl: cluster.urlOf("atlas"),
      eventLogUrl,
      kafka,
      processes: () => running,
      findPostmaster: () => postmasterOf(folder),
      killAndRestart: async (name) => {
        if (name === "postgres") {
          process.kill(await postmasterOf(folder), "SIGKILL");
          await cluster.exited;
          cluster = await start();
          return;
        }
        const [old, part] = [running[name], parts[name]];
        if (old === undefined || part === undefined) throw new Error(`there is no ${name} here`);
        process.kill(old.pid, "SIGKILL");
        await old.exited;
        running[name] = await startPart(part);
      },
      [Symbol.asyncDispose]: () => disposer[Symbol.asyncDispose](),
    };
  } catch (error) {
    await disposer[Symbol.asyncDispose]();
    throw error;
  }
}

function newPasswords(): Passwords {
  const entries = subgraphNames.map((name) => [name, randomBytes(18).toString("base64url")]);
  return Object.fromEntries(entries) as Passwords; // fromEntries forgets the keys
}

async function insertSources(url: string, codes: readonly string[]): Promise<void> {
  await withClient(url, (client) =>
    client.query(
      `INSERT INTO intelligence.source (id, code, name, publisher, domain, licence, reliability, url)
       SELECT gen_random_uuid(), code, code, 'Load test', 'CYBER', 'CC0', 'F', 'https://atlas.example/load'
       FROM unnest($1::text[]) AS code`,
      [codes],
    ),
  );
}

async function findPorts(): Promise<RegionSettings["ports"]> {
  const names = Object.keys(ports) as PartName[]; // the keys of a constant
  const found = await Promise.all(names.map(async (name) => [name, await findPort()] as const));
  return Object.fromEntries(found) as Record<PartName, number>; // fromEntries forgets the keys
}

function withEnv(part: Part, env: Readonly<Record<string, string>>): Part {
  return { ...part, env: { ...part.env, ...env } };
}

function onPort(part: Part, port: number): Part {
  return {
    ...withEnv(part, { ATLAS_PORT: String(port) }),
    health: `http://127.0.0.1:${port}/health/ready`,
  };
}

function alive(part: Part): Part {
  return { ...part, health: part.health.replace("/ready", "/live") };
}

async function postmasterOf(folder: string): Promise<number> {
  return Number((await readFile(join(folder, "data/postmaster.pid"), "utf8")).split("\n")[0]);
}
