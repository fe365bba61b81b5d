/** Risks of countries from stored signals: what is written when, and what is left alone. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { pino } from "pino";
import { insertSignals, insertSource } from "../../../test/support/insertSignals.ts";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { naturalId } from "../../shared/ids.ts";
import { type Db, openDb } from "../db.ts";
import { assessCountries } from "./assessCountries.ts";

const now = new Date("2026-03-04T00:00:00Z");
const log = pino({ level: "silent" });
const page = { url: "https://atlas.example/wire/7" };

let database: TestDatabase;
let db: Db;

beforeEach(async () => {
  database = await startDatabase({ from: "migrated" });
  db = openDb({ url: database.urlOf("intelligence"), applicationName: "atlas-test" });
  await insertSource(database, "analyst");
}, 120_000);
afterEach(async () => {
  await db.close();
  await database[Symbol.asyncDispose]();
});

const assess = (tenant = "acme") => assessCountries({ db, tenant, now, log });

async function readAssessment(country: string, tenant = "acme") {
  const [assessment] = await db.findAssessmentsById(tenant, [
    naturalId(tenant, "assessment", "country", country),
  ]);
  return assessment;
}

test("a country with signals gets an assessment that names its computation, one without gets none", async () => {
  const [signal] = await insertSignals(database, [{ country_code: "DE", severity: 0.7 }]);
  expect(await assess()).toEqual({ written: 1, revised: 0, unchanged: 0, overridden: 0 });
  // (0.1 + 0.7) / 2
  expect(await readAssessment("DE")).toMatchObject({
    score: 0.4,
    revision: 1,
    residency: "global",
    title: "Risk of Germany over 30 days",
    authorId: null,
    fusionResultId: naturalId("acme", "fusion", "country", "DE"),
  });
  const [fusion] = await db.findFusionResultsById("acme", [naturalId("acme", "fusion", "country", "DE")]);
  expect(fusion).toMatchObject({
    method: "late-log-odds",
    score: 0.4,
    coverage: 0.2,
    signalIds: [signal?.id],
  });
  expect(await readAssessment("FR")).toBeUndefined();
});

test("running again writes nothing, a new signal writes the next revision and keeps the earlier one", async () => {
  await insertSignals(database, [{ severity: 0.7 }]);
  await assess();
  const first = await readAssessment("DE");
  expect(await assess()).toEqual({ written: 0, revised: 0, unchanged: 1, overridden: 0 });
  expect(await readAssessment("DE")).toEqual(first);

  await insertSignals(database, [{ severity: 0.9 }]);
  expect(await assess()).toEqual({ written: 0, revised: 1, unchanged: 0, overridden: 0 });
  // (0.1 + 0.7 + 0.9) / 3
  expect(await readAssessment("DE")).toMatchObject({
    score: 0.5667,
    revision: 2,
    createdAt: first?.createdAt,
  });
  expect(await db.findRevisions([first?.id ?? ""])).toMatchObject([{ revision: 1, score: 0.4 }]);
});

test("a source that nobody judged counts half, and copies of one page count once", async () => {
  await insertSignals(database, [
    { country_code: "AT", severity: 0.7, source_code: "unknown" },
    ...["1", "2", "3"].map((source_id) => ({ country_code: "FR", severity: 0.7, source_id, ...page })),
  ]);
  await assess();
  // F weighs 0.5: (0.1 + 0.5·0.7) / 1.5
  expect((await readAssessment("AT"))?.score).toBe(0.3);
  // As of one: (0.1 + 0.7) / 2
  const assessment = await readAssessment("FR");
  expect(assessment?.score).toBe(0.4);
  expect(assessment?.rationale).toContain("without 3 signals it would be unknown");
});

test("tenants are judged by their own signals and those of everybody", async () => {
  await insertSignals(database, [
    { tenant: "public", severity: 0.7 },
    { tenant: "globex", severity: 1 },
  ]);
  await assess("acme");
  await assess("globex");
  expect((await readAssessment("DE", "acme"))?.score).toBe(0.4);
  expect((await readAssessment("DE", "globex"))?.score).toBe(0.6);
});

test("nothing is computed from what readers of the result may not read", async () => {
  await insertSignals(database, [
    { country_code: "DE", severity: 0.7 },
    ...["AMBER", "AMBER_STRICT", "RED"].map((marking) => ({ country_code: "DE", severity: 1, marking })),
    { country_code: "DE", severity: 1, residency: "us" },
    { country_code: "AD", severity: 1, marking: "RED" },
  ]);
  await assess();
  // (0.1 + 0.7) / 2
  const assessment = await readAssessment("DE");
  expect(assessment).toMatchObject({ score: 0.4, marking: "GREEN" });
  expect(assessment?.rationale).toContain("from 1 signal ");
  expect(await readAssessment("AD")).toBeUndefined();
});

test("what a person revised stays as the person left it", async () => {
  await insertSignals(database, [{ severity: 0.7 }]);
  await assess();
  const computed = await readAssessment("DE");
  if (!computed) throw new Error("expected an assessment of DE; got none");
  await db.replaceAssessment(computed, {
    ...computed,
    score: 0.95,
    authorId: naturalId("acme", "account", "analyst"),
    authorResidency: "us",
    revision: 2,
  });
  await insertSignals(database, [{ severity: 0.9 }]);
  expect(await assess()).toEqual({ written: 0, revised: 0, unchanged: 0, overridden: 1 });
  expect((await readAssessment("DE"))?.score).toBe(0.95);
});

test("two at once write one assessment", async () => {
  await insertSignals(database, [{ severity: 0.7 }]);
  const outcomes = await Promise.all([assess(), assess(), assess()]);
  expect(outcomes.map(({ written }) => written).sort()).toEqual([0, 0, 1]);
  expect((await readAssessment("DE"))?.revision).toBe(1);
});
