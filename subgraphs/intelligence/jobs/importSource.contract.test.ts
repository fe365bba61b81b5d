/** Imports into a real database: what is counted, what is kept, what is put aside. */
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { describeWhere } from "../../../test/support/describeWhere.ts";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { openImportDb } from "../db/imports.ts";
import { eventColumns } from "./importers/gdeltCodes.ts";
import { importers } from "./importers/importers.ts";
import type { ImportSummary } from "./importOpened.ts";
import { importSource } from "./importSource.ts";

let database: TestDatabase;
let db: ReturnType<typeof openImportDb>;
let folder = "";

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  db = openImportDb({ url: database.urlOf("intelligence"), applicationName: "atlas-test-import" });
  folder = await mkdtemp(join(tmpdir(), "atlas-import-"));
}, 60_000);

afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

beforeEach(() => clear());

describe("the same file twice", () => {
  test("writes nothing the second time, and leaves the newest of each record, in whatever order files come", async () => {
    const feature = fc.record({
      id: fc.constantFrom("a", "b", "c", "d"),
      day: fc.integer({ min: 1, max: 28 }),
      mag: fc.integer({ min: 0, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(feature, { maxLength: 8 }), { minLength: 1, maxLength: 3 }),
        async (files) => {
          await clear();
          for (const records of files) {
            const path = await writeFeatures(records);
            const first = await run("usgs", path);
            expect(first.written + first.unchanged + first.quarantined).toBe(first.read);
            const second = await run("usgs", path);
            expect(second).toMatchObject({ read: records.length, written: 0, unchanged: records.length });
          }
          const newest = new Map<string, number>();
          for (const { id, day } of files.flat()) newest.set(id, Math.max(day, newest.get(id) ?? 0));
          const rows = await database.query<{ source_id: string; day: number }>(
            "SELECT source_id, extract(day FROM updated_at)::int AS day FROM intelligence.signal",
          );
          expect(new Map(rows.map(({ source_id, day }) => [source_id, day]))).toEqual(newest);
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  test("leaves an older record out, also when the newer one says the same", async () => {
    await run("usgs", await writeFeatures([{ id: "a", day: 10, mag: 3 }]));
    await run("usgs", await writeFeatures([{ id: "a", day: 20, mag: 3 }]));
    const late = await run("usgs", await writeFeatures([{ id: "a", day: 15, mag: 7 }]));
    expect(late).toMatchObject({ written: 0, unchanged: 1 });
    expect(await rowsOf("signal", "(attributes->>'magnitude')::int AS mag")).toEqual([{ mag: 3 }]);
  });

  test("counts only what differs where the file alone has a date, and takes the newer file's word", async () => {
    const path = join(folder, "brent.csv");
    const runAt = async (day: string, lines: string) => {
      await writeFile(path, `Date,Price\n${lines}`);
      await utimes(path, 0, new Date(day));
      return run("brent", path);
    };
    expect(await runAt("2026-01-01", "2020-01-02,60\n2020-01-03,61\n")).toMatchObject({ written: 2 });
    expect(await runAt("2026-01-02", "2020-01-02,60\n2020-01-03,62\n")).toMatchObject({
      written: 1,
      unchanged: 1,
    });
    expect(await runAt("2026-01-01", "2020-01-02,60\n2020-01-03,61\n")).toMatchObject({ written: 0 });
    expect(await rowsOf("observation", "value")).toEqual([{ value: 60 }, { value: 62 }]);
  });
});

describe("two imports at a time", () => {
  test("of the same records wait for each other, and write each once", async () => {
    const earthquakes = Array.from({ length: 1_500 }, (_, index) => ({ id: `e${index}`, day: 1, mag: 1 }));
    const ahead = await writeFeatures(earthquakes);
    const back = await write(
      "back.json",
      JSON.stringify({ features: earthquakes.toReversed().map(feature) }),
    );
    const [first, second] = await Promise.all([run("usgs", ahead), run("usgs", back)]);
    expect(first.written + second.written).toBe(1_500);
    expect(first.unchanged + second.unchanged).toBe(1_500);
  });
});

describe("a bad record", () => {
  test("is put aside with its place and the reason, and the others are stored", async () => {
    const records: unknown[] = [
      feature({ id: "a", day: 1, mag: 1 }),
      7,
      { id: "b" },
      feature({ id: "c", day: 1, mag: 3 }),
    ];
    const path = await write(
      "bad.json",
      `{"features":[${records.map((record) => JSON.stringify(record)).join(",")},{"mag":NaN}]}`,
    );
    const summary = await run("usgs", path);
    expect(summary).toMatchObject({ read: 5, written: 2, unchanged: 0, quarantined: 3, failure: null });
    expect(await rowsOf("quarantined_record", "position, location, reason, record")).toEqual([
      {
        position: 2,
        location: "features[1]",
        reason: expect.stringContaining("expected object"),
        record: "7",
      },
      {
        position: 3,
        location: "features[2]",
        reason: expect.stringContaining("geometry: "),
        record: '{"id":"b"}',
      },
      {
        position: 5,
        location: "features[4]",
        reason: expect.stringContaining("expected JSON"),
        record: '{"mag":NaN}',
      },
    ]);
    expect(summary.quarantine[0]).toMatchObject({ location: "features[1]" });
  });

  test("that only the database refuses is found among good ones", async () => {
    const records = Array.from({ length: 40 }, (_, index) => feature({ id: `q${index}`, day: 1, mag: 1 }));
    records[7] = titled("nul", "U+0000: \0");
    records[30] = titled("half", "half a character: \ud800");
    const summary = await run("usgs", await write("refused.json", JSON.stringify({ features: records })));
    expect(summary).toMatchObject({ read: 40, written: 38, quarantined: 2 });
    expect(await rowsOf("quarantined_record", "position, reason")).toEqual([
      { position: 8, reason: "the database refused a value: unsupported Unicode escape sequence" },
      { position: 31, reason: expect.stringMatching(/^the database refused a value: [a-z ]+$/i) },
    ]);
  });

  test("of any size is kept short, and markup stays text", async () => {
    const records = [titled("huge", "x".repeat(1_048_576)), titled("script", "<script>alert('1')</script>")];
    const summary = await run("usgs", await write("huge.json", JSON.stringify({ features: records })));
    expect(summary).toMatchObject({ written: 1, quarantined: 1 });
    expect(await rowsOf("quarantined_record", "length(record) AS length")).toEqual([{ length: 2_000 }]);
    expect(await rowsOf("signal", "title")).toEqual([{ title: "<script>alert('1')</script>" }]);
  });
});

describe("a file that breaks off", () => {
  test("keeps what was read, and the run says why and where", async () => {
    const whole = JSON.stringify({ features: ["a", "b", "c"].map((id) => feature({ id, day: 1, mag: 1 })) });
    const summary = await run("usgs", await write("cut.json", whole.slice(0, -40)));
    const failure = "the JSON document breaks off before its end (after features[1])";
    expect(summary).toMatchObject({ read: 2, written: 2, failure });
    expect(await rowsOf("import_run", "failure, read, written, finished_at IS NOT NULL AS finished")).toEqual(
      [{ failure, read: 2, written: 2, finished: true }],
    );
  });

  test("of another format is told before the first record", async () => {
    const summary = await run("kev", await write("page.html", "<html>"));
    expect(summary.failure).toContain('expected a JSON object with an array `vulnerabilities`; got "<"');
    expect(summary.failure).toContain("before the first record");
  });

  test("that is not there makes no run", async () => {
    await expect(run("usgs", join(folder, "none"))).rejects.toMatchObject({ code: "LOCATION_NOT_FOUND" });
    await expect(run("unheard-of", join(folder, "none"))).rejects.toMatchObject({ code: "SOURCE_UNKNOWN" });
    expect(await rowsOf("import_run", "id")).toEqual([]);
  });
});

describe("a signal", () => {
  test("has the entities of its newest record, no more and no less", async () => {
    const linked =
      "SELECT e.name FROM intelligence.signal_entity l JOIN intelligence.entity e ON e.id = l.entity_id ORDER BY e.name";
    await run(
      "gdelt-events",
      await writeEvent({ Actor1Code: "GOV", Actor1Name: "CABINET", DATEADDED: "20160728" }),
    );
    await run(
      "gdelt-events",
      await writeEvent({ Actor1Code: "MIL", Actor1Name: "ARMY", DATEADDED: "20160729" }),
    );
    await run(
      "gdelt-events",
      await writeEvent({ Actor1Code: "COP", Actor1Name: "POLICE", DATEADDED: "20160727" }),
    );
    expect((await database.query<{ name: string }>(linked)).map(({ name }) => name)).toEqual([
      "ARMY",
      "Accra, Ghana",
    ]);
  });

  test("takes the country of its event, whichever was imported first", async () => {
    const mention = await write(
      "mentions.csv",
      "globaleventid,mentiontimedate,mentiontype,mentionsourcename,mentionidentifier,sentenceid,confidence,mentiondoctone\n" +
        "1,20170701234500,1,news.example,http://news.example/a,4,80,-5\n",
    );
    const countryOf = () => rowsOf("signal", "country_code", "source_code = 'gdelt-mentions'");
    expect(await run("gdelt-mentions", mention)).toMatchObject({ written: 1 });
    expect(await countryOf()).toEqual([{ country_code: null }]);
    await run("gdelt-events", await writeEvent({}));
    expect(await run("gdelt-mentions", mention)).toMatchObject({ written: 1 });
    expect(await countryOf()).toEqual([{ country_code: "GH" }]);
    expect(await run("gdelt-mentions", mention)).toMatchObject({ written: 0, unchanged: 1 });
  });
});

describeWhere("../shared/data", "the real files", (data) => {
  test.each([
    ["kev", "kev.json", 1_404],
    ["usgs", "usgs-earthquakes.json", 1_707],
    ["gdelt-events", "gdelt-events.tsv", 710],
    ["gdelt-mentions", "gdelt-mentions.csv", 1_635],
    ["stix", "attack-ics-18.1.stix.json", 1_826],
    ["worldbank-gdp", "worldbank-gdp.csv", 13_979],
    ["power-plants", "power-plants-us.csv", 2_763],
    ["exchange-rates", "exchange-rates-monthly.csv", 17_237],
    ["brent", "brent-daily.csv", 9_958],
  ])(
    "%s: %s is written whole, then not at all",
    async (source, file, count) => {
      const whole = { read: count, written: count, unchanged: 0, quarantined: 0, failure: null };
      expect(await run(source, join(data, file))).toMatchObject(whole);
      expect(await run(source, join(data, file))).toMatchObject({ ...whole, written: 0, unchanged: count });
    },
    60_000,
  );

  test("every object of ATT&CK is found again in one of three tables", async () => {
    await run("stix", join(data, "attack-ics-18.1.stix.json"));
    const count = async (table: string): Promise<number> =>
      Number((await rowsOf<{ count: string }>(table, "count(*)"))[0]?.count);
    const counts = await Promise.all(["entity", "entity_relation", "stix_object"].map(count));
    expect(counts.reduce((sum, one) => sum + one)).toBe(1_826);
    // Both ends of every relation are there: the bundle is whole.
    expect(
      await rowsOf(
        "entity_relation r",
        "r.id",
        "NOT EXISTS (SELECT FROM intelligence.entity e WHERE e.id = r.to_entity_id)",
      ),
    ).toEqual([]);
  });
});

test("every importer has a name of its own and names its source, always with the same terms", () => {
  expect(new Set(importers.map(({ name }) => name)).size).toBe(importers.length);
  const sources = new Set(importers.map(({ source }) => source));
  expect(new Set(importers.map(({ source }) => source.code)).size).toBe(sources.size);
  for (const { source } of importers) expect(source.licence).not.toBe("");
});

function run(source: string, location: string): Promise<ImportSummary> {
  return importSource({
    source,
    location,
    db,
    log: { info: () => undefined },
    regionCode: "us-east",
    now: new Date(),
  });
}

async function clear(): Promise<void> {
  await database.query(
    `TRUNCATE intelligence.signal, intelligence.entity, intelligence.signal_entity, intelligence.entity_relation, intelligence.outbox,
       intelligence.stix_object, intelligence.indicator, intelligence.observation, intelligence.import_run, intelligence.quarantined_record`,
  );
}

/** In order of their first column asked for. */
function rowsOf<Row extends object>(table: string, columns: string, condition = "true"): Promise<Row[]> {
  return database.query<Row>(`SELECT ${columns} FROM intelligence.${table} WHERE ${condition} ORDER BY 1`);
}

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

type Earthquake = { readonly id: string; readonly day: number; readonly mag: number };

/** One that was last changed on a day of January 2026. */
function feature({ id, day, mag }: Earthquake) {
  const updated = Date.UTC(2026, 0, day);
  return {
    id,
    geometry: { coordinates: [121.7, 24.1, 10] },
    properties: {
      mag,
      place: "Taiwan",
      time: Date.UTC(2026, 0, 1),
      updated,
      url: "https://earthquake.usgs.gov/",
      status: "reviewed",
      tsunami: 0,
      type: "earthquake",
      title: `M ${mag} - Taiwan`,
    },
  };
}

function titled(id: string, title: string) {
  const untitled = feature({ id, day: 1, mag: 1 });
  return { ...untitled, properties: { ...untitled.properties, title } };
}

function writeFeatures(earthquakes: readonly Earthquake[]): Promise<string> {
  return write("features.json", JSON.stringify({ features: earthquakes.map(feature) }));
}

function writeEvent(change: object): Promise<string> {
  const event: Record<string, string> = {
    GLOBALEVENTID: "1",
    SQLDATE: "20160628",
    EventCode: "010",
    EventRootCode: "01",
    GoldsteinScale: "0",
    NumMentions: "1",
    NumSources: "1",
    NumArticles: "1",
    AvgTone: "0",
    ActionGeo_FullName: "Accra, Ghana",
    DATEADDED: "20160728",
    ...change,
  };
  return write("events.tsv", `${eventColumns.map((column) => event[column] ?? "").join("\t")}\n`);
}
