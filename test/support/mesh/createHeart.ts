/** Beats for every node that is up, as the regions subgraph's job does where one runs. */
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { DatabaseNode } from "./startNode.ts";

export type Heart = { readonly start: () => void; readonly stop: () => Promise<void> };

const intervalMs = 250;

export function createHeart(nodes: readonly DatabaseNode[]): Heart {
  const stopping = new AbortController();
  let beating: Promise<unknown> = Promise.resolve();
  return {
    start: () => {
      beating = Promise.all(nodes.map((node) => beat(node, stopping.signal)));
    },
    stop: async () => {
      stopping.abort();
      await beating;
    },
  };
}

async function beat(node: DatabaseNode, signal: AbortSignal): Promise<void> {
  let client: pg.Client | undefined;
  for (; !signal.aborted; await delay(intervalMs, undefined, { signal }).catch(() => undefined)) {
    try {
      client ??= await open(node);
      await client.query("SELECT replication.settle_pending()");
      await client.query("SELECT replication.beat()");
    } catch {
      // A region that is down has no pulse; the next round tries anew.
      await client?.end().catch(() => undefined);
      client = undefined;
    }
  }
  await client?.end().catch(() => undefined);
}

async function open(node: DatabaseNode): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: node.urlOf("regions"),
    connectionTimeoutMillis: 2_000,
    query_timeout: 5_000,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
