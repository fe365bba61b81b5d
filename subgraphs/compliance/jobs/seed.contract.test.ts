import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startDatabase, type TestDatabase } from "../../../test/support/startDatabase.ts";
import { type Db, openDb } from "../db.ts";
import { scanReport } from "./seed/scanRows.ts";
import { seedCompliance } from "./seed.ts";

const now = new Date("2026-03-03T12:00:00Z");
const reader = { tenant: "acme", filters: { Violation: "all", Evidence: "all" } };

describe("seedCompliance", () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await startDatabase({ from: "migrated" });
    db = openDb({ url: database.urlOf("compliance"), applicationName: "test" });
    await seedCompliance(db, now);
  });
  afterAll(async () => {
    await db?.close();
    await database?.[Symbol.asyncDispose]();
  });

  test("changes nothing when it runs again, on another day", async () => {
    const before = await dump(database);
    await seedCompliance(db, new Date("2026-04-01T00:00:00Z"));
    expect(await dump(database)).toEqual(before);
  });

  test("leaves every state of a violation with tenant acme", async () => {
    const violations = await db.findViolations(reader, { take: 100, after: null }, now);
    expect(new Set(violations.map(({ status }) => status))).toEqual(
      new Set(["OPEN", "IN_REMEDIATION", "WAIVED", "RESOLVED"]),
    );
  });

  test("counts in each scan what its rows say, one check for each control", async () => {
    const controls = await db.findControls();
    for (const scan of await db.findScans(100)) {
      const found = await db.findViolationsOfScans(reader, [scan.id]);
      expect(scan.failed).toBe(found.length);
      expect(scan.passed + scan.failed + scan.errored + scan.notApplicable).toBe(controls.length);
      expect(scan.status).toBe("COMPLETED");
    }
    const newest = await db.findNewestCompletedScanIds(["us-east", "eu-west", "ap-southeast"]);
    expect(newest).toHaveLength(3);
  });

  test("hashes evidence that can be written again from the rows", async () => {
    const scans = await db.findScans(100);
    const evidence = await db.findEvidence(reader, 100);
    expect(evidence).toHaveLength(scans.length);
    for (const { scanId, sha256, collector } of evidence) {
      const scan = scans.find(({ id }) => id === scanId);
      if (!scan) throw new Error(`evidence names scan ${scanId}, which is not there`);
      const report = scanReport(scan, await db.findViolationsOfScans(reader, [scan.id]));
      expect(sha256).toBe(createHash("sha256").update(report).digest("hex"));
      expect(collector).toMatch(/^seeded generator/);
    }
  });
});

/** Every row of the schema, as text. */
async function dump(database: TestDatabase): Promise<unknown> {
  const tables = await database.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'compliance' ORDER BY 1",
  );
  return Promise.all(
    tables.map(({ name }) => database.query(`SELECT t::text AS row FROM compliance.${name} t ORDER BY 1`)),
  );
}
