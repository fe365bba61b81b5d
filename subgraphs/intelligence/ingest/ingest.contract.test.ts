/** Signals from the door to the table, in a real process over a real database and its event log. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { insertSource } from "../../../test/support/insertSignals.ts";
import { type ContextClaims, signContext } from "../../../test/support/signContext.ts";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../../test/support/startSubgraph.ts";
import { openEventLog } from "../../shared/eventLog/openEventLog.ts";
import { naturalId } from "../../shared/ids.ts";
import { openIngestDb } from "../db/ingest.ts";
import { replayParked } from "./replayParked.ts";

type Answer = {
  readonly accepted: { readonly index: number; readonly id: string }[];
  readonly refused: { readonly index: number; readonly reason: string; readonly message: string }[];
  readonly errors?: { readonly extensions: { readonly code: string } }[];
};

let database: TestDatabase;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  await insertSource(database, "feed");
  subgraph = await startSubgraph("intelligence", database);
}, 120_000);
afterAll(async () => {
  await subgraph?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

describe("forms", () => {
  test("one signal is answered with its id, and a query finds it", async () => {
    const sent = signal({ title: "Port closed", country: "DE" });
    const { status, body } = await send(sent);
    expect({ status, body }).toEqual({
      status: 202,
      body: { accepted: [{ index: 0, id: idOf(sent) }], refused: [] },
    });
    await until(async () => (await findTitle(sent.sourceId)) === "Port closed");
    const { data } = await subgraph.query(
      `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Signal { title revoked source { code } country { code } } } }`,
      { r: [{ __typename: "Signal", id: idOf(sent) }] },
    );
    expect(data).toEqual({
      _entities: [
        { title: "Port closed", revoked: false, source: { code: "feed" }, country: { code: "DE" } },
      ],
    });
  });

  test("an array is answered record by record, and one that is wrong keeps none of the others out", async () => {
    const sent = [signal(), { ...signal(), severity: 7 }, signal({ residency: "EU" })];
    const { status, body } = await send(sent);
    expect(status).toBe(202);
    expect(body.accepted.map(({ index, id }) => [index, id])).toEqual([
      [0, idOf(sent[0])],
      [2, idOf(sent[2], "eu")],
    ]);
    expect(body.refused).toEqual([{ index: 1, reason: "SCHEMA_MISMATCH", message: "severity must be <= 1" }]);
    await untilStored(sent[0]?.sourceId, sent[2]?.sourceId);
  });

  test("lines are answered line by line, the last one counts", async () => {
    const sent = Array.from({ length: 1_200 }, () => signal());
    const lines = [...sent.map((one) => JSON.stringify(one)), "{broken", "", "NaN"].join("\n");
    const response = await post(lines, { "content-type": "application/x-ndjson" });
    const answered = (await response.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(response.status).toBe(202);
    expect(answered.at(-1)).toEqual({ accepted: 1_200, refused: 2 });
    expect(answered.slice(0, 1_200).map(({ id }) => id)).toEqual(sent.map((one) => idOf(one)));
    expect(answered.slice(1_200, 1_202).map(({ index, reason }) => [index, reason])).toEqual([
      [1_200, "MALFORMED"],
      [1_201, "MALFORMED"],
    ]);
    await untilStored(...sent.map(({ sourceId }) => sourceId));
  });

  test("CloudEvents come structured, in a batch, and with their attributes in headers", async () => {
    const { source: _source, sourceId: _sourceId, observedAt: _observedAt, ...data } = signal();
    const event = () => ({
      specversion: "1.0",
      type: "io.atlas.signal.v1",
      source: "https://feeds.example/feed",
      id: randomUUID(),
      time: "2024-03-03T12:00:00Z",
      datacontenttype: "application/json",
      data,
    });
    const [one, two, three, four] = [event(), event(), event(), event()];
    const structured = await send(one, { "content-type": "application/cloudevents+json" });
    const batch = await send([two, three], { "content-type": "application/cloudevents-batch+json" });
    const binary = await send(data, {
      "content-type": "application/json",
      "ce-specversion": "1.0",
      "ce-type": four.type,
      "ce-source": four.source,
      "ce-id": four.id,
      "ce-time": four.time,
    });
    const ids = [structured, batch, binary].flatMap(({ body }) => body.accepted.map(({ id }) => id));
    expect(ids).toEqual([one, two, three, four].map(({ id }) => idOf({ source: "feed", sourceId: id })));
    await untilStored(one.id, two.id, three.id, four.id);
  });

  test.each([
    ["another media type", "<x/>", { "content-type": "text/xml" }, 415],
    ["no JSON", "{", { "content-type": "application/json" }, 422],
    ["a body too large for JSON", `"${"x".repeat(9_000_000)}"`, { "content-type": "application/json" }, 413],
  ])("%s is refused", async (_what, body, headers, status) => {
    expect((await post(body, headers)).status).toBe(status);
  });
});

describe("who may send", () => {
  test("nobody without a context of the gateway", async () => {
    const response = await fetch(urlOf(), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(signal()),
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "CONTEXT_REFUSED" } }] });
  });

  test.each([
    ["anonymous", { anonymous: true, sub: null, tenant: "public" }],
    ["without the scope", { scope: ["signals:read"] }],
  ])("no caller %s", async (_who, claims) => {
    expect((await send(signal(), {}, claims)).status).toBe(403);
  });

  test("two tenants that send the same source and id have a signal each", async () => {
    const sent = signal();
    const [mine, theirs] = [await send(sent), await send(sent, {}, { tenant: "globex" })];
    expect(mine.body.accepted[0]?.id).not.toBe(theirs.body.accepted[0]?.id);
    await until(async () => (await countRows(sent.sourceId)) === 2);
  });
});

describe("bad input", () => {
  test.each([
    ["future-dated", { observedAt: "2999-01-01T00:00:00Z" }, "FUTURE_DATED"],
    ["corrected in the future", { updatedAt: "2999-01-01T00:00:00Z" }, "FUTURE_DATED"],
    ["NaN as a text", { severity: "NaN" }, "SCHEMA_MISMATCH"],
    ["an unknown member", { admin: true }, "SCHEMA_MISMATCH"],
    ["a day that does not exist", { observedAt: "2024-02-31T25:00:00Z" }, "SCHEMA_MISMATCH"],
    ["half a place", { latitude: 3 }, "SCHEMA_MISMATCH"],
    ["an address that runs script", { url: "javascript:alert(1)" }, "SCHEMA_MISMATCH"],
    ["a title too long", { title: "x".repeat(301) }, "SCHEMA_MISMATCH"],
    ["oversized", { attributes: { blob: "x".repeat(70_000) } }, "TOO_LARGE"],
    ["a NUL in a text", { attributes: { deep: [{ text: "a\0b" }] } }, "TEXT_UNSTORABLE"],
    ["half a character", { title: "broken \ud800" }, "TEXT_UNSTORABLE"],
    ["a source that nobody knows", { source: "nobody" }, "SOURCE_UNKNOWN"],
  ])("%s is refused with a reason, kept in quarantine and counted", async (_what, change, reason) => {
    const before = await tallies();
    const { status, body } = await send({ ...signal(), ...change });
    expect({ status, reasons: body.refused.map((one) => one.reason) }).toEqual({
      status: 422,
      reasons: [reason],
    });
    const [kept] = await database.query(
      "SELECT reason, message FROM intelligence.quarantined_signal ORDER BY received_at DESC, id DESC LIMIT 1",
    );
    expect(kept).toEqual({ reason, message: body.refused[0]?.message });
    const key = `quarantined ${reason}`;
    expect((await tallies())[key]).toBe((before[key] ?? 0) + 1);
  });

  test("a CloudEvent of another schema is refused", async () => {
    const event = { specversion: "1.0", type: "io.atlas.signal.v9", source: "feed", id: "1", data: {} };
    const { body } = await send(event, { "content-type": "application/cloudevents+json" });
    expect(body.refused).toMatchObject([{ reason: "SCHEMA_UNKNOWN" }]);
  });

  test("late, duplicate, out-of-order, contradictory and revoked records are stored or left out, and counted", async () => {
    const before = await tallies();
    const late = signal({ observedAt: "2020-01-01T00:00:00Z" });
    const kept = signal({ title: "second", updatedAt: "2024-03-02T00:00:00Z" });
    await sendInOrder(
      late,
      kept,
      kept,
      { ...kept, title: "first", updatedAt: "2024-03-01T00:00:00Z" },
      { ...kept, title: "another second" },
    );
    expect(await findTitle(kept.sourceId)).toBe("second");
    await sendInOrder({ ...kept, title: "third", updatedAt: "2024-03-03T00:00:00Z" });
    expect(await findTitle(kept.sourceId)).toBe("third");
    await sendInOrder({ ...kept, revoked: true, updatedAt: "2024-03-04T00:00:00Z" });
    await sendInOrder({ ...kept, title: "back?", updatedAt: "2024-03-03T12:00:00Z" });

    const after = await tallies();
    const grown = Object.fromEntries(
      Object.entries(after)
        .map(([key, value]) => [key, value - (before[key] ?? 0)] as const)
        .filter(([, value]) => value > 0),
    );
    expect(grown).toEqual({
      "contradictory ": 1,
      "duplicate ": 1,
      "outdated ": 2,
      "stored LATE": 2,
      "updated LATE": 1,
      "updated REVOKED": 1,
    });
    const { data } = await subgraph.query<{ signals: { edges: { node: { title: string } }[] } }>(
      '{ signals(first: 100, filter: { sources: ["feed"] }) { edges { node { title } } } }',
    );
    expect(data?.signals.edges.map(({ node }) => node.title)).not.toContain("third");
  });

  test("script in a title is stored as the text that it is", async () => {
    const sent = signal({ title: "<script>alert('é')</script>" });
    await sendInOrder(sent);
    expect(await findTitle(sent.sourceId)).toBe("<script>alert('é')</script>");
  });
});

describe("a record that cannot be stored", () => {
  test("is parked with the reason, holds nobody up, and is replayed once it can be", async () => {
    const poison = signal();
    const others = Array.from({ length: 5 }, () => signal());
    // What the database refuses today: a rule that came after the record.
    await database.query(
      `ALTER TABLE intelligence.signal ADD CONSTRAINT poisoned CHECK (source_id <> '${poison.sourceId}')`,
    );
    await send([...others.slice(0, 2), poison, ...others.slice(2)]);
    await untilStored(...others.map(({ sourceId }) => sourceId));
    await until(async () => (await tallies())["parked DATABASE_REFUSED"] === 1);
    const [parked] = await database.query<{ headers: { reason: string; message: string } }>(
      "SELECT headers FROM event_log.record WHERE topic = 'ingest.global.parked'",
    );
    expect(parked?.headers.message).toContain("poisoned");

    await database.query("ALTER TABLE intelligence.signal DROP CONSTRAINT poisoned");
    const url = database.urlOf("intelligence");
    const eventLog = openEventLog({ url, applicationName: "atlas-test" });
    const db = openIngestDb({ url, regionCode: "us-east" });
    try {
      expect(await replayParked({ eventLog, db })).toEqual({ replayed: 1, passedOver: 0 });
      await untilStored(poison.sourceId);
      expect(await replayParked({ eventLog, db })).toEqual({ replayed: 0, passedOver: 0 });
    } finally {
      await eventLog.close();
      await db.close();
    }
    expect((await tallies())["replayed DATABASE_REFUSED"]).toBe(1);
  });

  test("a residency never changes: a record with another one is parked", async () => {
    const sent = signal({ updatedAt: "2024-03-01T00:00:00Z" });
    await sendInOrder(sent);
    await send({ ...sent, residency: "EU", updatedAt: "2024-03-02T00:00:00Z" });
    await until(async () => (await tallies())["parked RESIDENCY_CHANGED"] === 1);
    const [row] = await database.query("SELECT residency FROM intelligence.signal WHERE source_id = $1", [
      sent.sourceId,
    ]);
    expect(row).toEqual({ residency: "global" });
  });
});

test("the graph tells what came, what was refused, how far storing is behind and how long it took", async () => {
  const { data } = await subgraph.query<{ _entities: [{ ingestion: Record<string, unknown> }] }>(
    `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Region { ingestion {
       tallies { source outcome reason count } quarantinedSignals(first: 1) { source reason message record }
       lag { topic partition records } delay { p50Seconds p99Seconds signalCount } } } } }`,
    { r: [{ __typename: "Region", code: "us-east" }] },
  );
  const ingestion = data?._entities[0].ingestion;
  expect(ingestion).toMatchObject({
    tallies: expect.arrayContaining([
      { source: "feed", outcome: "QUARANTINED", reason: "FUTURE_DATED", count: 2 },
      { source: null, outcome: "QUARANTINED", reason: "SOURCE_UNKNOWN", count: 1 },
    ]),
    lag: expect.arrayContaining([{ topic: "ingest.eu.v1", partition: 7, records: 0 }]),
    delay: { p99Seconds: expect.any(Number) },
  });
});

test("metrics tell the same to Prometheus", async () => {
  const text = await (await fetch(new URL("/metrics", subgraph.url))).text();
  expect(text).toMatch(/^atlas_ingest_lag_records\{topic="ingest\.eu\.v1",partition="7"\} 0$/m);
  expect(text).toMatch(/^atlas_ingest_records_total\{result="accepted"\} [1-9]\d*$/m);
  expect(text).toMatch(/^atlas_ingest_outcomes_total\{outcome="parked",reason="DATABASE_REFUSED"\} 1$/m);
  expect(text).toMatch(/^atlas_ingest_to_query_seconds_count [1-9]\d*$/m);
});

function signal(change: Partial<Record<string, string | boolean>> = {}) {
  return {
    source: "feed",
    sourceId: randomUUID(),
    domain: "CYBER",
    kind: "test",
    title: "Something happened",
    severity: 0.5,
    confidence: 0.8,
    observedAt: "2024-03-03T12:00:00Z",
    updatedAt: "2024-03-03T12:00:00Z",
    ...change,
  };
}

function idOf(
  sent: { readonly source: string; readonly sourceId: string } | undefined,
  residency = "global",
): string {
  return `${residency}-signal-${naturalId("acme", "signal", sent?.source ?? "", sent?.sourceId ?? "")}`;
}

function urlOf(): URL {
  return new URL("/ingest/v1/signals", subgraph.url);
}

async function post(
  body: string,
  headers: Readonly<Record<string, string>>,
  claims: Partial<ContextClaims> = {},
): Promise<Response> {
  const context = await signContext({
    secret: subgraph.contextSecret,
    audience: "intelligence",
    claims: { scope: ["signals:write"], ...claims },
  });
  return fetch(urlOf(), { method: "POST", headers: { ...headers, "atlas-context": context }, body });
}

async function send(
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
  claims: Partial<ContextClaims> = {},
): Promise<{ readonly status: number; readonly body: Answer }> {
  const response = await post(
    JSON.stringify(value),
    { "content-type": "application/json", ...headers },
    claims,
  );
  // The other end is serveIngest.ts of the same checkout.
  return { status: response.status, body: (await response.json()) as Answer };
}

/** One by one, each counted before the next is sent. */
async function sendInOrder(...signals: readonly object[]): Promise<void> {
  for (const one of signals) {
    const before = await countTallied();
    expect((await send(one)).status).toBe(202);
    await until(async () => (await countTallied()) > before);
  }
}

async function tallies(): Promise<Record<string, number>> {
  const rows = await database.query<{ key: string; count: number }>(
    "SELECT outcome || ' ' || reason AS key, sum(count)::int AS count FROM intelligence.ingest_tally GROUP BY 1",
  );
  return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
}

async function countTallied(): Promise<number> {
  return Object.values(await tallies()).reduce((sum, count) => sum + count, 0);
}

async function findTitle(sourceId: string): Promise<string | undefined> {
  const [row] = await database.query<{ title: string }>(
    "SELECT title FROM intelligence.signal WHERE source_id = $1",
    [sourceId],
  );
  return row?.title;
}

async function countRows(...sourceIds: readonly (string | undefined)[]): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM intelligence.signal WHERE source_id = ANY ($1)",
    [sourceIds],
  );
  return row?.count ?? Number.NaN;
}

function untilStored(...sourceIds: readonly (string | undefined)[]): Promise<void> {
  return until(async () => (await countRows(...sourceIds)) === sourceIds.length);
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + 25_000; !(await isTrue()); await sleep(20)) {
    if (Date.now() > giveUpAt) throw new Error(`waited 25 s for ${isTrue}`);
  }
}
