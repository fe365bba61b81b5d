/** One region's PostgreSQL as a test sees it: a real cluster that can be killed, started again and emptied. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { type Cluster, clusterUrl, startCluster } from "../../../infra/local/postgres/cluster.ts";
import { removeOutside } from "../../../infra/local/postgres/placement.ts";
import {
  databaseUrlOf,
  type Passwords,
  prepareDatabase,
  withClient,
} from "../../../infra/local/prepareDatabase.ts";
import type { SubgraphName } from "../../../infra/local/subgraphNames.ts";
import { localSettings } from "../../../infra/postgres/settings.ts";
import type { Member } from "../../../infra/replication/member.ts";

export type NodeOptions = {
  readonly member: Member;
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  readonly passwords: Passwords;
};

export type DatabaseNode = {
  readonly member: Member;
  readonly port: number;
  readonly adminUrl: string;
  readonly urlOf: (subgraph: SubgraphName) => string;
  readonly isUp: () => boolean;
  /** A connection of the superuser for one piece of work. */
  readonly asAdmin: <Result>(work: (client: pg.Client) => Promise<Result>) => Promise<Result>;
  readonly query: <Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;
  /** SIGKILL: nothing is flushed, nobody is told. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Starts it where it was left; `isEmpty` takes its disk away first. Migrated when it resolves. */
  readonly start: (options?: { readonly isEmpty?: boolean }) => Promise<void>;
};

export const meshDatabase = "atlas";

const settings = {
  ...localSettings(),
  shared_buffers: "32MB",
  max_connections: "80",
  // A killed process loses nothing that it has written: only a machine that loses power does.
  fsync: "off",
  full_page_writes: "off",
};

export function createNode({ member, folder, port, password, passwords }: NodeOptions): DatabaseNode {
  let cluster: Cluster | undefined;
  const adminUrl = clusterUrl({ port, password }, meshDatabase);
  const asAdmin: DatabaseNode["asAdmin"] = (work) => withClient(adminUrl, work);

  return {
    member,
    port,
    adminUrl,
    urlOf: (subgraph) => databaseUrlOf(port, meshDatabase, subgraph, passwords),
    isUp: () => cluster !== undefined,
    asAdmin,
    query: (sql, values = []) => asAdmin(async (client) => (await client.query(sql, [...values])).rows),
    kill: async () => {
      const killed = cluster;
      cluster = undefined;
      if (killed === undefined) return;
      const [pid] = (await readFile(join(folder, "data/postmaster.pid"), "utf8")).split("\n");
      process.kill(Number(pid), "SIGKILL");
      await killed.exited;
    },
    stop: async () => {
      const stopped = cluster;
      cluster = undefined;
      await stopped?.stop();
    },
    start: async ({ isEmpty = false } = {}) => {
      if (isEmpty)
        await rm(join(folder, "data"), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      cluster = await startPatiently();
      await prepareDatabase((database) => clusterUrl({ port, password }, database), meshDatabase, passwords);
    },
  };

  /** The backends of a killed postmaster notice within a moment; until the last is gone a new one refuses to start. */
  async function startPatiently(): Promise<Cluster> {
    for (const deadline = Date.now() + 30_000; ; await delay(200)) {
      try {
        return await startCluster({ folder, port, password, settings });
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }
}

export async function removeNode(folder: string): Promise<void> {
  await removeOutside(folder);
  // The last backend of a killed server may still be writing.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
