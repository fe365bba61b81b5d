/** Connectors against a real database and real HTTP servers, which serve the real files where those are here. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "csv-parse/sync";
import { pino } from "pino";
import { describeWhere } from "../../../../test/support/describeWhere.ts";
import { startDatabase, type TestDatabase } from "../../../../test/support/startDatabase.ts";
import type { Job } from "../../../shared/repeatUntilStopped.ts";
import { type Db, openDb } from "../../db.ts";
import { eventColumns } from "../importers/gdeltCodes.ts";
import { zipOne } from "../importers/testing/zipOne.ts";
import { presets } from "./presets.ts";
import { startConnectors } from "./startConnectors.ts";
import { type Feeds, serveFeeds, unlessKnown } from "./testing/serveFeeds.ts";

let database: TestDatabase;
let db: Db;
let feeds: Feeds;
let started: Job[] = [];

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  db = openDb({ url: database.urlOf("intelligence"), applicationName: "atlas-test-connectors" });
  feeds = await serveFeeds();
}, 120_000);

afterAll(async () => {
  await feeds?.[Symbol.asyncDispose]();
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  feeds.asked.length = 0;
  feeds.replies.clear();
  await database.query(
    "TRUNCATE intelligence.connector, intelligence.signal, intelligence.signal_entity, intelligence.entity, intelligence.entity_relation, intelligence.stix_object, intelligence.import_run",
  );
});

afterEach(async () => {
  await Promise.all(started.map((connectors) => connectors.stop()));
  started = [];
});

const news = `<rss version="2.0"><channel><title>News</title><item><guid>1</guid><title>Floods in Germany</title>
<link>https://news.example/1</link><pubDate>Tue, 03 Mar 2026 12:00:00 GMT</pubDate></item></channel></rss>`;

describe("a document", () => {
  beforeEach(() => registerNews());

  test("is asked for again by its entity tag, and imported again only when it changed", async () => {
    feeds.replies.set("/news", unlessKnown(Buffer.from(news)));
    start();
    expect(await outcomeOf("news")).toMatchObject({ last_outcome: "CHANGED", failures: 0 });
    expect(await runAgain("news")).toMatchObject({ last_outcome: "UNCHANGED" });
    feeds.replies.set("/news", unlessKnown(Buffer.from(news.replaceAll("1</guid>", "2</guid>"))));
    expect(await runAgain("news")).toMatchObject({ last_outcome: "CHANGED" });
    expect(feeds.asked.map(({ headers }) => headers["if-none-match"] !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    const runs = await database.query(
      "SELECT read, written FROM intelligence.import_run ORDER BY started_at",
    );
    expect(runs).toEqual([
      { read: 1, written: 1 },
      { read: 1, written: 1 },
    ]);
    const signals = await database.query(
      "SELECT source_id, kind, title, country_code, domain FROM intelligence.signal ORDER BY source_id",
    );
    const item = { kind: "news-item", title: "Floods in Germany", country_code: "DE", domain: "SOCIAL" };
    expect(signals).toEqual([
      { source_id: "1", ...item },
      { source_id: "2", ...item },
    ]);
  });

  test("is asked for by its date where it has no entity tag", async () => {
    const lastModified = "Tue, 03 Mar 2026 12:30:00 GMT";
    feeds.replies.set("/news", ({ headers }) =>
      headers["if-modified-since"] === lastModified
        ? { status: 304 }
        : { headers: { "last-modified": lastModified }, body: news },
    );
    start();
    await outcomeOf("news");
    expect(await runAgain("news")).toMatchObject({ last_outcome: "UNCHANGED" });
  });

  test("that breaks off is asked for as a whole again", async () => {
    feeds.replies.set("/news", { headers: { etag: '"half"' }, body: news.slice(0, -20) });
    start();
    expect(await outcomeOf("news")).toMatchObject({
      last_outcome: "FAILED",
      failures: 1,
      last_failure: expect.stringContaining("unclosed tag"),
      etag: null,
    });
  });

  test("brings its credentials to its own host and to no other that it redirects to", async () => {
    await using other = await serveFeeds();
    other.replies.set("/moved", { body: news });
    feeds.replies.set("/news", { status: 302, headers: { location: `${other.origin}/moved` } });
    start({ authorization: { news: "Basic c2VjcmV0" } });
    await outcomeOf("news");
    expect(feeds.asked.map(({ headers }) => headers.authorization)).toEqual(["Basic c2VjcmV0"]);
    expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe("a source that cannot be read", () => {
  beforeEach(() => registerNews());

  test("on a host that is not public is refused, and nothing is asked", async () => {
    start({ allowPrivate: false });
    expect(await outcomeOf("news")).toMatchObject({
      last_outcome: "FAILED",
      last_failure: expect.stringContaining("expected a public host"),
    });
    expect(feeds.asked).toEqual([]);
  });

  test("that sends more than its limit is cut off", async () => {
    await database.query("UPDATE intelligence.connector SET bytes_max = 1024");
    feeds.replies.set("/news", { body: news + " ".repeat(2_000) });
    start();
    expect(await outcomeOf("news")).toMatchObject({
      last_failure: expect.stringContaining("at most 1024 bytes"),
    });
  });

  test("that is busy is left alone as long as it asks for", async () => {
    feeds.replies.set("/news", { status: 503, headers: { "retry-after": "7200" } });
    start();
    await outcomeOf("news");
    const [row] = await database.query(
      "SELECT next_at > last_run_at + interval '7000 seconds' AS waits FROM intelligence.connector",
    );
    expect(row).toEqual({ waits: true });
  });

  test("is asked more and more seldom, and at its own pace once it answers", async () => {
    start();
    await outcomeOf("news");
    expect(await runAgain("news")).toMatchObject({
      failures: 2,
      last_failure: expect.stringContaining("got 404"),
    });
    feeds.replies.set("/news", { body: news });
    expect(await runAgain("news")).toMatchObject({ failures: 0, last_failure: null });
  });
});

describe("several processes", () => {
  test("share connectors: each run is done once", async () => {
    for (let index = 0; index < 6; index += 1) await registerNews(`news-${index}`);
    feeds.replies.set("/news", { body: news });
    for (let index = 0; index < 3; index += 1) start();
    for (let index = 0; index < 6; index += 1) await outcomeOf(`news-${index}`);
    expect(feeds.asked).toHaveLength(6);
  });

  test("one that hung moves nothing back once another has taken over", async () => {
    await registerNews();
    const hung = await db.takeDueConnector(1);
    if (hung === null) throw new Error("expected a connector that is due");
    let next = await db.takeDueConnector(60_000);
    for (; next === null; next = await db.takeDueConnector(60_000)) await sleep(5);
    expect(next.leaseNumber).toBe(hung.leaseNumber + 1);
    expect(await db.moveConnector(next, { etag: '"new"' })).toBe(true);
    expect(await db.moveConnector(hung, { etag: '"old"' })).toBe(false);
    expect(await db.keepConnector(hung, 60_000)).toBe(false);
    expect(await db.failConnector(hung, { reason: "late", pauseMs: 0 })).toBe(false);
    expect(await db.takeDueConnector(60_000)).toBeNull();
    expect(await stateOf("news")).toMatchObject({ etag: '"new"', failures: 0, last_run_at: null });
  });
});

describeWhere("../shared/data", "the real files", (data) => {
  test.each([
    ["kev", "kev.json", 1_404],
    ["usgs", "usgs-earthquakes.json", 1_707],
  ])(
    "%s: the feed as it is, once",
    async (preset, file, count) => {
      feeds.replies.set("/feed", unlessKnown(await readFile(join(data, file))));
      await register(preset, { url: `${feeds.origin}/feed` });
      start();
      expect(await outcomeOf(preset)).toMatchObject({ last_outcome: "CHANGED", last_failure: null });
      expect(await countOf("signal")).toBe(count);
      expect(await runAgain(preset)).toMatchObject({ last_outcome: "UNCHANGED" });
    },
    120_000,
  );

  test("gdelt: files of 15 minutes in their order, from the newest on; a file with another checksum stops it", async () => {
    // Those of before April 2013 have no SOURCEURL, which all files of version 2 have.
    const lines = (await readFile(join(data, "gdelt-events.tsv"), "utf8"))
      .split("\n")
      .filter((line) => line.split("\t").length === eventColumns.length);
    const files = [
      toFile("20260303120000", lines.slice(0, 300).map(toEventOfVersion2)),
      toFile("20260303121500", lines.slice(300, 400).map(toEventOfVersion2)),
      toFile("20260303123000", lines.slice(400).map(toEventOfVersion2)),
    ] as const;
    await register("gdelt-events", { url: `${feeds.origin}/gdeltv2/lastupdate.txt` });
    serveFiles(files.slice(0, 1));
    start();
    expect(await outcomeOf("gdelt-events")).toMatchObject({
      last_failure: null,
      watermark: "20260303120000",
    });
    expect(await countOf("signal")).toBe(300);

    serveFiles(files);
    feeds.replies.set(files[1].path, { body: zipOne("forged", Buffer.from("")) });
    expect(await runAgain("gdelt-events")).toMatchObject({
      watermark: "20260303120000",
      last_failure: expect.stringContaining("with MD5"),
    });
    serveFiles(files);
    expect(await runAgain("gdelt-events")).toMatchObject({ last_failure: null, watermark: "20260303123000" });
    expect(await countOf("signal")).toBe(lines.length);
  }, 120_000);

  test("gdelt: a file that never comes is passed over after five runs", async () => {
    const [line = ""] = (await readFile(join(data, "gdelt-events.tsv"), "utf8")).split("\n");
    const files = ["20260303120000", "20260303121500", "20260303123000"].map((at) =>
      toFile(at, [toEventOfVersion2(line)]),
    );
    await register("gdelt-events", { url: `${feeds.origin}/gdeltv2/lastupdate.txt` });
    await database.query("UPDATE intelligence.connector SET watermark = '20260303114500', failures = 5");
    serveFiles(files);
    feeds.replies.delete(files[0]?.path ?? "");
    start();
    expect(await outcomeOf("gdelt-events")).toMatchObject({
      last_failure: null,
      watermark: "20260303123000",
    });
  }, 120_000);

  test("gdelt: mentions in their columns", async () => {
    const table = parse(await readFile(join(data, "gdelt-mentions.csv")), { from: 2, to: 201 }) as string[][];
    const file = toFile(
      "20260303120000",
      table.map((cells) => cells.join("\t")),
      "mentions",
    );
    await register("gdelt-mentions", { url: `${feeds.origin}/gdeltv2/lastupdate.txt` });
    serveFiles([file]);
    start();
    expect(await outcomeOf("gdelt-mentions")).toMatchObject({ last_outcome: "CHANGED", last_failure: null });
    expect(await database.query("SELECT read, quarantined FROM intelligence.import_run")).toEqual([
      { read: 200, quarantined: 0 },
    ]);
  }, 120_000);

  test("taxii: all pages of a collection, and then only what was added after", async () => {
    const bundle = JSON.parse(await readFile(join(data, "attack-ics-18.1.stix.json"), "utf8")) as {
      objects: unknown[];
    };
    feeds.replies.set("/api/collections/ics/objects/", ({ query }) => toPage(bundle.objects, query));
    await register("taxii", { url: `${feeds.origin}/api/collections/ics` });
    start();
    expect(await outcomeOf("taxii")).toMatchObject({ last_outcome: "CHANGED", last_failure: null });
    const tables = ["entity", "entity_relation", "stix_object"];
    const counts = await Promise.all(tables.map(countOf));
    expect(counts.reduce((sum, count) => sum + count)).toBe(bundle.objects.length);
    expect(feeds.asked.map(({ headers }) => headers.accept)).toEqual(
      feeds.asked.map(() => "application/taxii+json;version=2.1"),
    );
    feeds.asked.length = 0;
    expect(await runAgain("taxii")).toMatchObject({ last_outcome: "UNCHANGED" });
    expect(feeds.asked.map(({ url }) => url)).toEqual([
      `/api/collections/ics/objects/?limit=500&added_after=${encodeURIComponent(addedAt)}`,
    ]);
  }, 120_000);
});

const addedAt = "2026-03-03T12:00:00.000000Z";

/** As the specification has it: opaque `next`, and when the last object was added. */
function toPage(objects: readonly unknown[], query: URLSearchParams) {
  const limit = Number(query.get("limit"));
  const from = Number(query.get("next") ?? 0);
  const left = query.get("added_after") === addedAt ? [] : objects.slice(from);
  const page = left.slice(0, limit);
  const more = left.length > limit;
  return {
    headers: {
      "content-type": "application/taxii+json;version=2.1",
      ...(page.length > 0 ? { "x-taxii-date-added-last": addedAt } : {}),
    },
    body: JSON.stringify(
      page.length === 0 ? {} : { more, ...(more ? { next: String(from + limit) } : {}), objects: page },
    ),
  };
}

type ServedFile = { readonly path: string; readonly body: Buffer };

function toFile(at: string, lines: readonly string[], kind: "export" | "mentions" = "export"): ServedFile {
  const name = `${at}.${kind}.CSV`;
  return { path: `/gdeltv2/${name}.zip`, body: zipOne(name, Buffer.from(`${lines.join("\n")}\n`)) };
}

function serveFiles(files: readonly ServedFile[]): void {
  const lines = files.map(({ path, body }) => {
    const md5 = createHash("md5").update(body).digest("hex");
    return `${body.length} ${md5} ${feeds.origin}${path}\n`;
  });
  for (const { path, body } of files) feeds.replies.set(path, { body });
  feeds.replies.set("/gdeltv2/lastupdate.txt", { body: lines.at(-1) ?? "" });
  feeds.replies.set("/gdeltv2/masterfilelist.txt", { body: lines.join("") });
}

/** GDELT 2.0 has a second-order division after each first-order one; the real rows are of GDELT 1.0, which has none. */
function toEventOfVersion2(line: string): string {
  return line
    .split("\t")
    .flatMap((cell, index) => (eventColumns[index]?.endsWith("_ADM1Code") ? [cell, ""] : [cell]))
    .join("\t");
}

async function registerNews(code = "news"): Promise<void> {
  await db.storeSource({
    code,
    name: "News",
    publisher: "News",
    domain: "SOCIAL",
    licence: "CC-BY-4.0",
    reliability: "C",
    url: "https://news.example",
  });
  await register("feed", { code, sourceCode: code, url: `${feeds.origin}/news` });
}

async function register(
  name: string,
  {
    code = name,
    sourceCode,
    url,
  }: { readonly code?: string; readonly sourceCode?: string; readonly url: string },
): Promise<void> {
  const { kind, importer, everySeconds } = presets[name] ?? expectPreset(name);
  const source = sourceCode ?? sourceCodes[name] ?? name;
  await db.storeConnector({
    code,
    sourceCode: source,
    kind,
    importer,
    url,
    everySeconds,
    bytesMax: 67_108_864,
  });
}

const sourceCodes: Readonly<Record<string, string>> = {
  kev: "cisa-kev",
  usgs: "usgs-earthquakes",
  taxii: "mitre-attack",
};

function expectPreset(name: string): never {
  throw new Error(`expected a preset; got ${name}`);
}

function start({ allowPrivate = true, authorization = {} } = {}): void {
  const log = pino({ level: "silent" });
  started.push(
    startConnectors({ db, log, regionCode: "us-east", config: { allowPrivate, authorization }, pollMs: 20 }),
  );
}

async function runAgain(code: string): Promise<State> {
  await database.query(
    "UPDATE intelligence.connector SET last_run_at = NULL, next_at = now() WHERE code = $1",
    [code],
  );
  return outcomeOf(code);
}

/** Of the next run that ends with nothing left to fetch. */
async function outcomeOf(code: string): Promise<State> {
  for (;;) {
    const state = await stateOf(code);
    if (state.last_run_at !== null && state.is_waiting) return state;
    await sleep(20);
  }
}

type State = Readonly<Record<string, unknown>> & {
  readonly last_run_at: Date | null;
  readonly is_waiting: boolean;
};

async function stateOf(code: string): Promise<State> {
  const [state] = await database.query<State>(
    "SELECT *, lease_until IS NULL AND next_at > now() AS is_waiting FROM intelligence.connector WHERE code = $1",
    [code],
  );
  if (state === undefined) throw new Error(`expected a connector ${code}; there is none`);
  return state;
}

async function countOf(table: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM intelligence.${table}`,
  );
  return row?.count ?? 0;
}
