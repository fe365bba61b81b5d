/**
 * `npm run bench:replication`: what replication costs and how far behind it is, on three clusters in one run. Ratios are
 * to be believed more than milliseconds: all regions and the clients share the machine.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { setSynchronousPeers } from "../../../infra/replication/synchronousPeers.ts";
import { startMesh } from "../../support/mesh/startMesh.ts";
import type { DatabaseNode } from "../../support/mesh/startNode.ts";

const seconds = 5;
const rate = 500;

await using mesh = await startMesh();
const us = mesh.getNode("us-east");
await us.query("CREATE TABLE plain (LIKE regions.data_subject INCLUDING ALL)");

const plain = await countWrites(us, "plain");
const captured = await countWrites(us, "regions.data_subject");
console.log(
  `throughput, 4 clients: plain table ${plain}/s, replicated table ${captured}/s, ${(plain / captured).toFixed(2)}×`,
);

await us.asAdmin((client) => setSynchronousPeers(client, "us-east", { others: ["eu-west", "ap-southeast"] }));
await delay(1_000);
for (const durability of ["local", "wait"] as const) {
  const times = await timeCommits(us, durability);
  console.log(
    `commit, 1 client, ${durability}: p50 ${percentile(times, 50)} ms, p95 ${percentile(times, 95)} ms`,
  );
}

const lags = await measureLag();
for (const [link, values] of lags) {
  console.log(
    `lag at ${rate} writes/s, ${link}: p50 ${percentile(values, 50)} ms, p99 ${percentile(values, 99)} ms`,
  );
}

async function countWrites(node: DatabaseNode, table: string): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  const counts = await Promise.all(
    Array.from({ length: 4 }, () =>
      node.asAdmin(async (client) => {
        let written = 0;
        for (; performance.now() < until; written += 1) await insert(client, table);
        return written;
      }),
    ),
  );
  return Math.round(counts.reduce((sum, count) => sum + count, 0) / seconds);
}

function timeCommits(node: DatabaseNode, durability: "local" | "wait"): Promise<number[]> {
  return node.asAdmin(async (client) => {
    const times: number[] = [];
    for (const until = performance.now() + seconds * 1_000; performance.now() < until; ) {
      const startedAt = performance.now();
      await client.query("BEGIN");
      if (durability === "wait") await client.query("SELECT replication.wait_for_peers()");
      await insert(client, "regions.data_subject");
      await client.query("COMMIT");
      times.push(performance.now() - startedAt);
    }
    return times;
  });
}

/** Batches of ten, fifty times a second; the lag is what heartbeats in the same stream measure. */
async function measureLag(): Promise<ReadonlyMap<string, number[]>> {
  const lags = new Map<string, number[]>();
  const until = performance.now() + 2 * seconds * 1_000;
  const writing = us.asAdmin(async (client) => {
    for (let next = performance.now(); performance.now() < until; next += 20) {
      await client.query(
        `INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code)
         SELECT gen_random_uuid(), 'acme', 'global', 'p', 'US' FROM generate_series(1, ${rate / 50})`,
      );
      await delay(Math.max(0, next + 20 - performance.now()));
    }
  });
  while (performance.now() < until) {
    for (const to of mesh.nodes) {
      const rows = await to.query<{ link: string; lag: number }>(
        `SELECT from_region || ' → ' || to_region AS link, lag_ms AS lag FROM replication.links() WHERE to_region = '${to.member.region}'`,
      );
      for (const { link, lag } of rows) lags.set(link, [...(lags.get(link) ?? []), lag]);
    }
    await delay(100);
  }
  await writing;
  return lags;
}

function insert(client: pg.Client, table: string) {
  return client.query(
    `INSERT INTO ${table} (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', 'global', 'p', 'US')`,
    [randomUUID()],
  );
}

function percentile(values: readonly number[], percent: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
  ).toFixed(1);
}
