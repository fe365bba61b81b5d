/** One PostgreSQL for a whole test run. Each database is a copy of a template, so it costs a copy and no migration. */
import { randomBytes, randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localConfig } from "../../../infra/local/config.ts";
import { findFreePort } from "../../../infra/local/ports.ts";
import { startCluster } from "../../../infra/local/postgres/cluster.ts";
import { removeOutside } from "../../../infra/local/postgres/placement.ts";
import { type Passwords, prepareDatabase, withClient } from "../../../infra/local/prepareDatabase.ts";
import { seedDatabase } from "../../../infra/local/seedDatabase.ts";
import { subgraphNames } from "../../../infra/local/subgraphNames.ts";

/** What a worker is told about its database. */
export type HostedDatabase = {
  readonly name: string;
  readonly port: number;
  readonly adminUrl: string;
  readonly passwords: Passwords;
};

/** `empty` is for tests of migrations themselves. */
/** `seeded` holds the same rows everywhere; `files` holds what ../shared/data has, where that folder is. */
export type Template = "empty" | "migrated" | "seeded" | "files";

export type DatabaseHost = {
  readonly createDatabase: (from: Template) => Promise<HostedDatabase>;
  readonly dropDatabase: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A run's data need not survive a crash of the machine, and statements are counted. */
const settings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_wal_senders: "4",
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track_utility": "off",
} as const;

export async function startDatabaseHost(): Promise<DatabaseHost> {
  const temporary = await mkdtemp(join(tmpdir(), "atlas-test-"));
  // PostgreSQL's own account must pass through; what it finds there is its own.
  await chmod(temporary, 0o711);
  const folder = join(temporary, "postgres");
  const port = await findFreePort(20_000 + (process.pid % 10_000));
  const cluster = await startCluster({
    folder,
    port,
    password: randomBytes(18).toString("base64url"),
    settings,
  });
  const passwords = newPasswords();
  const admin = cluster.urlOf("postgres");
  await withClient(admin, (client) => client.query("CREATE EXTENSION pg_stat_statements"));
  const templates = createTemplates();

  return { createDatabase, dropDatabase, stop };

  function createTemplates(): Record<Template, () => Promise<string>> {
    const migrated = once(async () => {
      await prepareDatabase(cluster.urlOf, "atlas_migrated", passwords);
      return "atlas_migrated";
    });
    const seed = async (database: string, dataFolder: string | undefined): Promise<string> => {
      await copyDatabase(await migrated(), database);
      await seedDatabase({ port, database, passwords, region: "us-east", dataFolder });
      return database;
    };
    return {
      empty: async () => "template1",
      migrated,
      seeded: once(() => seed("atlas_seeded", undefined)),
      files: once(() => seed("atlas_files", localConfig.dataFolder)),
    };
  }

  async function createDatabase(from: Template): Promise<HostedDatabase> {
    const name = `test_${randomUUID().replaceAll("-", "")}`;
    await copyDatabase(await templates[from](), name);
    return { name, port, adminUrl: cluster.urlOf(name), passwords };
  }

  async function copyDatabase(template: string, name: string): Promise<void> {
    await withClient(admin, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  }

  async function dropDatabase(name: string): Promise<void> {
    await withClient(admin, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
    );
  }

  async function stop(): Promise<void> {
    await cluster.stop();
    await removeOutside(folder);
    await rm(temporary, { recursive: true, force: true });
  }
}

export function newPasswords(): Passwords {
  // The roles belong to the cluster, so all databases of the run share their passwords.
  const entries = subgraphNames.map((name) => [name, randomBytes(18).toString("base64url")]);
  return Object.fromEntries(entries) as Passwords; // fromEntries forgets the keys, which are exactly the names
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
