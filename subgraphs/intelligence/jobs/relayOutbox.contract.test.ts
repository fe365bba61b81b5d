/** The relay in real processes that are killed while they work: every row of the outbox is in the log, once and in order. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { createDisposer } from "../../../test/support/createDisposer.ts";
import { insertSignals } from "../../../test/support/insertSignals.ts";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { startSubgraph } from "../../../test/support/startSubgraph.ts";
import { openPostgresEventLog } from "../../shared/eventLog/postgresEventLog.ts";
import { createSignalTopics } from "../../shared/eventLog/signalTopics.ts";
import { takeOutboxTurn } from "../db/outbox.ts";
import { relayProducerId, sendRows } from "./relayOutbox.ts";

const countries = ["DE", "FR", "JP", "BR"] as const;

test("kills in the middle of the work lose nothing, repeat nothing and keep the order of each key", async () => {
  const disposer = createDisposer();
  try {
    const database = disposer.use(await startDatabase({ from: "migrated" }));
    const titles = await insertMany(database, 3_000);
    const kills = [20, 80, 200];
    for (const afterMs of kills) {
      const subgraph = await startSubgraph("intelligence", database);
      await sleep(afterMs);
      process.kill(subgraph.pid, "SIGKILL");
      await subgraph.exited;
    }
    disposer.use(await startSubgraph("intelligence", database));
    titles.push(...(await insertMany(database, 500, titles.length)));
    await untilMoved(database);

    const records = await database.query<{ key: string; id: string; title: string }>(
      `SELECT convert_from(r.key, 'UTF8') AS key, s.id, s.title
       FROM event_log.record r JOIN intelligence.signal s ON s.id = (convert_from(r.value, 'UTF8')::json ->> 'id')::uuid
       ORDER BY r.topic, r.partition, r."offset"`,
    );
    expect(records.map(({ title }) => title).sort()).toEqual([...titles].sort());
    for (const country of countries) {
      const inOrder = records
        .filter(({ key }) => key === `global|${country}`)
        .map(({ title }) => Number(title));
      expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    }
  } finally {
    await disposer[Symbol.asyncDispose]();
  }
}, 120_000);

test("rows that were sent but not deleted when their relay died are in the log once", async () => {
  const disposer = createDisposer();
  try {
    const database = disposer.use(await startDatabase({ from: "migrated" }));
    await insertMany(database, 700);
    await sendWithoutDeleting(database, 300);
    expect(await countRecords(database)).toBe(300);
    disposer.use(await startSubgraph("intelligence", database));
    await untilMoved(database);
    expect(await countRecords(database)).toBe(700);
  } finally {
    await disposer[Symbol.asyncDispose]();
  }
}, 60_000);

test("of two relays one works, and the other takes over when it is killed", async () => {
  const disposer = createDisposer();
  try {
    const database = disposer.use(await startDatabase({ from: "migrated" }));
    const first = await startSubgraph("intelligence", database);
    const second = disposer.use(await startSubgraph("intelligence", database));
    await until(async () => tookTurn(first.log));
    expect(await countHolders(database)).toBe(1);
    expect(tookTurn(second.log)).toBe(false);
    process.kill(first.pid, "SIGKILL");
    await first.exited;
    await insertMany(database, 10);
    await untilMoved(database);
    await until(async () => tookTurn(second.log));
  } finally {
    await disposer[Symbol.asyncDispose]();
  }
}, 60_000);

test("a row whose number is lower but whose transaction ends later is moved too", async () => {
  const disposer = createDisposer();
  try {
    const database = disposer.use(await startDatabase({ from: "migrated" }));
    disposer.use(await startSubgraph("intelligence", database));
    const [stored] = await insertSignals(database, [{ title: "template" }]);
    await until(async () => (await countRecords(database)) === 1);
    const slow = database.query(
      `DO $$ BEGIN
         INSERT INTO intelligence.signal SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'source_id', 'slow'))).*
         FROM intelligence.signal s WHERE s.id = '${stored?.id}';
         PERFORM pg_sleep(1.5);
       END $$`,
    );
    await sleep(300);
    await insertMany(database, 5);
    await until(async () => (await countRecords(database)) === 6);
    await slow;
    await until(async () => (await countRecords(database)) === 7);
  } finally {
    await disposer[Symbol.asyncDispose]();
  }
}, 60_000);

/** Numbered titles, in statements of some rows each; answers the titles. */
async function insertMany(database: TestDatabase, count: number, from = 0): Promise<string[]> {
  const titles = Array.from({ length: count }, (_, index) => String(from + index));
  for (let at = 0; at < count; at += 250) {
    const part = titles.slice(at, at + 250);
    await insertSignals(
      database,
      part.map((title) => ({ title, country_code: countries[Number(title) % countries.length] ?? null })),
    );
  }
  return titles;
}

/** What a relay has done that is killed after its `send` and before its `remove`. */
async function sendWithoutDeleting(database: TestDatabase, take: number): Promise<void> {
  const url = database.urlOf("intelligence");
  const eventLog = openPostgresEventLog({ url, applicationName: "atlas-test" });
  const turn = await takeOutboxTurn(url);
  if (!turn) throw new Error("expected the turn; another relay has it");
  await createSignalTopics(eventLog);
  const producer = eventLog.createProducer({ producerId: relayProducerId });
  await sendRows(producer, await turn.findNext(take));
  await turn.end();
  await eventLog.close();
}

function tookTurn(log: readonly string[]): boolean {
  return log.some((line) => line.includes("relay took its turn"));
}

async function countHolders(database: TestDatabase): Promise<number> {
  return count(
    database,
    "pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
  );
}

function countRecords(database: TestDatabase): Promise<number> {
  return count(database, "event_log.record");
}

async function count(database: TestDatabase, from: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`);
  return row?.count ?? Number.NaN;
}

function untilMoved(database: TestDatabase): Promise<void> {
  return until(async () => (await count(database, "intelligence.outbox")) === 0);
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + 30_000; !(await isTrue()); await sleep(20)) {
    if (Date.now() > giveUpAt) throw new Error(`waited 30 s for ${isTrue}`);
  }
}
