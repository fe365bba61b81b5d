/** From an INSERT in PostgreSQL to a graphql-ws client: outbox, relay, event log and feed are all the real ones. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Client, createClient } from "graphql-ws";
import WebSocket from "ws";
import { insertSignals, insertSource } from "../../../test/support/insertSignals.ts";
import { signContext } from "../../../test/support/signContext.ts";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../../test/support/startSubgraph.ts";

let database: TestDatabase;
let subgraph: RunningSubgraph;
let client: Client;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  await insertSource(database, "analyst");
  subgraph = await startSubgraph("intelligence", database);
  client = createClient({ url: subgraph.url.replace("http", "ws"), webSocketImpl: WebSocket });
}, 60_000);

afterAll(async () => {
  await client?.dispose();
  await subgraph?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

type Watcher = {
  readonly titles: readonly string[];
  readonly received: readonly unknown[];
  readonly errors: readonly unknown[];
  readonly stop: () => void;
};

/** Resolves when the subscription is in place, which a signal of the watcher's own shows. */
async function watch(filter: object = {}, claims = {}, selection = "title"): Promise<Watcher> {
  const received: { title: string }[] = [];
  const errors: unknown[] = [];
  const extensions = {
    "atlas-context": await signContext({ secret: subgraph.contextSecret, audience: "intelligence", claims }),
  };
  const query = `subscription ($filter: SignalFilter) { signalReceived(filter: $filter) { ${selection} } }`;
  const stop = client.subscribe<{ signalReceived: { title: string } }>(
    { query, variables: { filter }, extensions },
    {
      next: ({ data, errors: failed }) => {
        if (failed) errors.push(...failed);
        if (data) received.push(data.signalReceived);
      },
      error: (error) => errors.push(error),
      complete: () => undefined,
    },
  );
  // Nothing of graphql-ws tells a client that its subscription has begun.
  await sleep(400);
  return {
    received,
    errors,
    stop,
    get titles() {
      return received.map(({ title }) => title);
    },
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const giveUpAt = Date.now() + 10_000; !isTrue(); await sleep(10)) {
    if (Date.now() > giveUpAt) throw new Error(`waited 10 s for ${isTrue}`);
  }
}

test("a signal inserted by any hand reaches who watches, once, and soon", async () => {
  const watcher = await watch();
  const insertedAt = Date.now();
  await insertSignals(database, [{ title: "by SQL", residency: "eu" }]);
  await until(() => watcher.titles.length > 0);
  expect(Date.now() - insertedAt).toBeLessThan(2_000);
  await sleep(300);
  expect(watcher.titles).toEqual(["by SQL"]);
  watcher.stop();
});

test("a rolled back insert reaches nobody, an update is no new signal", async () => {
  const watcher = await watch();
  await database.query(
    `DO $$ BEGIN
       INSERT INTO intelligence.signal SELECT (json_populate_record(s, '{"id": "0192b1c4-0000-7000-8000-000000000001", "source_id": "undone"}')).*
       FROM intelligence.signal s LIMIT 1;
       RAISE EXCEPTION 'undo';
     EXCEPTION WHEN raise_exception THEN NULL; END $$`,
  );
  await database.query("UPDATE intelligence.signal SET severity = 0.9");
  await insertSignals(database, [{ title: "the next" }]);
  await until(() => watcher.titles.includes("the next"));
  expect(watcher.titles).toEqual(["the next"]);
  watcher.stop();
});

test("each hears what matches their filter, of their tenant and of everybody", async () => {
  const [all, strong, german, theirs, nobody] = await Promise.all([
    watch(),
    watch({ minSeverity: 0.7 }),
    watch({ countries: ["de"], domains: ["ECONOMIC"], observedFrom: "2026-03-01T00:00:00Z" }),
    watch({}, { tenant: "globex" }),
    watch({}, { tenant: "public", sub: null, anonymous: true }),
  ]);
  await insertSignals(database, [
    { title: "weak", severity: 0.1, country_code: "FR" },
    { title: "strong", severity: 0.7, country_code: "FR" },
    { title: "economic", domain: "ECONOMIC", severity: 0.2 },
    { title: "economic, early", domain: "ECONOMIC", severity: 0.2, observed_at: "2026-02-01T00:00:00Z" },
    { title: "theirs", tenant: "globex", severity: 0.9 },
    { title: "everybody's", tenant: "public", severity: 0.9, country_code: null },
  ]);
  await until(() => all.titles.length === 5 && theirs.titles.length === 2 && nobody.titles.length === 1);
  await sleep(200);
  expect([...all.titles].sort()).toEqual(["economic", "economic, early", "everybody's", "strong", "weak"]);
  expect([...strong.titles].sort()).toEqual(["everybody's", "strong"]);
  expect(german.titles).toEqual(["economic"]);
  expect([...theirs.titles].sort()).toEqual(["everybody's", "theirs"]);
  expect(nobody.titles).toEqual(["everybody's"]);
  for (const { stop } of [all, strong, german, theirs, nobody]) stop();
});

test("events of one country come in the order in which they were stored", async () => {
  const watcher = await watch();
  const titles = Array.from({ length: 60 }, (_, index) => `event ${index}`);
  for (const title of titles) await insertSignals(database, [{ title, country_code: "JP" }]);
  await until(() => watcher.titles.length >= titles.length);
  expect(watcher.titles).toEqual(titles);
  watcher.stop();
});

test("every event sees the rows of its own moment", async () => {
  const watcher = await watch({}, {}, "title source { name }");
  await insertSignals(database, [{ title: "before" }]);
  await until(() => watcher.received.length === 1);
  await database.query("UPDATE intelligence.source SET name = 'renamed' WHERE code = 'analyst'");
  await insertSignals(database, [{ title: "after" }]);
  await until(() => watcher.received.length === 2);
  expect(watcher.received).toEqual([
    { title: "before", source: { name: "analyst" } },
    { title: "after", source: { name: "renamed" } },
  ]);
  watcher.stop();
});

test("ten who want the same event share one look-up of its row, and none who left cost any", async () => {
  const watchers = await Promise.all(Array.from({ length: 10 }, () => watch()));
  const rowLookups = async (work: () => Promise<unknown>): Promise<number> => {
    const { statements } = await database.countStatements(work);
    return statements
      .filter(({ text }) => /FROM "intelligence"\."signal"/.test(text))
      .reduce((sum, { calls }) => sum + calls, 0);
  };
  const shared = await rowLookups(async () => {
    await insertSignals(database, [{ title: "for all" }]);
    await until(() => watchers.every(({ titles }) => titles.length === 1));
  });
  expect(shared).toBe(1);
  for (const { stop } of watchers) stop();
  await sleep(200);
  const abandoned = await rowLookups(async () => {
    await insertSignals(database, [{ title: "for nobody" }]);
    await sleep(500);
  });
  expect(abandoned).toBe(0);
});

test("a filter that is wrong ends the subscription with the reason", async () => {
  const watcher = await watch({ countries: ["Germany"] });
  await until(() => watcher.errors.length > 0);
  expect(JSON.stringify(watcher.errors)).toContain("expected an ISO 3166-1 alpha-2 code");
  expect(JSON.stringify(watcher.errors)).toContain("BAD_USER_INPUT");
});

test("a client that takes nothing is let go with a code, and what waited for it is not kept", async () => {
  const socket = new WebSocket(subgraph.url.replace("http", "ws"), "graphql-transport-ws");
  const messages: { readonly type: string; readonly payload?: unknown }[] = [];
  socket.on("message", (data) => messages.push(JSON.parse(String(data))));
  await once(socket, "open");
  const signed = await signContext({ secret: subgraph.contextSecret, audience: "intelligence" });
  socket.send(JSON.stringify({ type: "connection_init" }));
  await until(() => messages.some(({ type }) => type === "connection_ack"));
  const payload = {
    query: "subscription { signalReceived { title } }",
    extensions: { "atlas-context": signed },
  };
  socket.send(JSON.stringify({ id: "slow", type: "subscribe", payload }));
  await sleep(400);
  const witness = await watch({ countries: ["NO"] });

  // Far more than the buffers of both ends of the socket hold.
  socket.pause();
  const title = "x".repeat(10_000);
  for (let batch = 0; batch < 6; batch += 1) {
    await insertSignals(
      database,
      Array.from({ length: 500 }, () => ({ title, country_code: "SE" })),
    );
  }
  await insertSignals(database, [{ title: "the last", country_code: "NO" }]);
  await until(() => witness.titles.length === 1);
  socket.resume();
  await until(() => messages.some(({ type }) => type === "error"));
  expect(messages.at(-1)).toMatchObject({
    type: "error",
    payload: [
      { extensions: { code: "SLOW_CONSUMER" }, message: expect.stringContaining("catch up by query") },
    ],
  });
  expect(messages.filter(({ type }) => type === "next").length).toBeLessThan(3_000);
  witness.stop();
  socket.close();
});

test("who watches hears on after the database cut every connection", async () => {
  const watcher = await watch();
  await database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'atlas_intelligence'",
  );
  await insertSignals(database, [{ title: "after the cut" }]);
  await until(() => watcher.titles.length > 0);
  expect(watcher.titles).toEqual(["after the cut"]);
  watcher.stop();
});
