/** What a checkout without data files is seeded with: real earthquakes, the rest made up and marked as such. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { type Db, openDb } from "../db.ts";
import { seedIntelligence } from "./seed.ts";

const now = new Date("2026-03-03T12:00:00Z");

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  db = openDb({ url: database.urlOf("intelligence"), applicationName: "atlas-test" });
  await seed();
}, 60_000);
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const seed = (at = now) =>
  seedIntelligence({ db, dataFolder: null, region: "us-east", now: at, log: pino({ level: "silent" }) });

describe("a seed without data files", () => {
  test("imports the earthquakes that vega-datasets ships", async () => {
    const [row] = await database.query(
      "SELECT count(*)::int AS count FROM intelligence.signal WHERE source_code = 'usgs-earthquakes'",
    );
    expect(row).toEqual({ count: 1_707 });
  });

  test("has signals of every domain, and those that are made up say so", async () => {
    const rows = await database.query<{ domain: string; source_code: string; said: boolean }>(
      `SELECT DISTINCT domain, source_code, title LIKE 'Generated example: %' AS said
       FROM intelligence.signal ORDER BY domain`,
    );
    expect(rows).toEqual([
      { domain: "CYBER", source_code: "atlas-generator", said: true },
      { domain: "ECONOMIC", source_code: "atlas-generator", said: true },
      { domain: "GEOPOLITICAL", source_code: "atlas-generator", said: true },
      { domain: "INFRASTRUCTURE", source_code: "usgs-earthquakes", said: false },
      { domain: "SOCIAL", source_code: "atlas-generator", said: true },
    ]);
  });

  test("has an entity of every kind, and none of them is real", async () => {
    const rows = await database.query(
      "SELECT count(DISTINCT kind)::int AS kinds, bool_and(name LIKE 'Generated example: %') AS said FROM intelligence.entity",
    );
    expect(rows).toEqual([{ kinds: 7, said: true }]);
  });

  test("knows every source that an importer or a row names", async () => {
    const rows = await database.query(
      `SELECT DISTINCT source_code FROM (
         SELECT source_code FROM intelligence.signal UNION SELECT source_code FROM intelligence.entity
         UNION SELECT source_code FROM intelligence.indicator
       ) named WHERE source_code NOT IN (SELECT code FROM intelligence.source)`,
    );
    expect(rows).toEqual([]);
  });

  test("run again, later, changes nothing but the list of imports", async () => {
    const before = await fingerprint();
    await seed(new Date("2026-03-03T13:00:00Z"));
    expect(await fingerprint()).toEqual(before);
  }, 60_000);
});

async function fingerprint(): Promise<unknown> {
  const tables = [
    "source",
    "signal",
    "entity",
    "entity_relation",
    "signal_entity",
    "indicator",
    "observation",
  ];
  const written = ["risk_assessment", "risk_revision", "fusion_result", "scenario", "scenario_run"];
  return Promise.all(
    [...tables, ...written].map(async (table) => {
      const rows = await database.query(
        `SELECT count(*)::int AS count, md5(string_agg(t::text, '' ORDER BY t::text)) AS content FROM intelligence.${table} t`,
      );
      return { table, ...rows[0] };
    }),
  );
}
