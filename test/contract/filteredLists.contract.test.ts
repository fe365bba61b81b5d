/**
 * The promise of filters: a row is in a list if and only if the rule on objects does not drop it. Random callers over
 * random rows of a real PostgreSQL, each pair one case; pages and counts are held to it too. `npm run policy:lists` runs
 * ten thousand cases of each list.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { tableTypes } from "../../policies/cases/readTables.ts";
import { loadPolicyBundle, type PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { openDb as openCompliance } from "../../subgraphs/compliance/db.ts";
import { openDb as openIntelligence } from "../../subgraphs/intelligence/db.ts";
import { openDb as openRegions } from "../../subgraphs/regions/db.ts";
import { isConsentLive } from "../../subgraphs/regions/domain/recordConsent.ts";
import { createDisposer } from "../support/createDisposer.ts";
import { insertSignals } from "../support/insertSignals.ts";
import { startDatabase, type TestDatabase } from "../support/startDatabase.ts";

const casesMin = Number(process.env.ATLAS_LIST_CASES ?? 1_000);
const seed = Number(process.env.ATLAS_LIST_SEED ?? 7);
const rowCount = 100;

const residencies = ["global", "us", "eu", "br", "ap"];
const callers = fc.record({
  clearance: fc.constantFrom("clear", "green", "amber", "amber+strict", "red", "cosmic"),
  jurisdiction: fc.constantFrom("us", "eu", "br", "ap"),
  purpose: fc.constantFrom("research", "compliance", "operations", "curiosity", null),
  roles: fc.subarray(["analyst", "compliance_officer", "administrator"]),
});
type Caller = typeof callers extends fc.Arbitrary<infer Value> ? Value : never;

type Row = { readonly id: string; readonly attributes: Readonly<Record<string, unknown>> };

describe("filtered lists", () => {
  const disposer = createDisposer();
  const tenant = `random-${randomUUID()}`;
  let bundle: PolicyBundle;
  let database: TestDatabase;
  const sample = <Value>(arbitrary: fc.Arbitrary<Value>, count = rowCount) =>
    fc.sample(arbitrary, { seed, numRuns: count });

  beforeAll(async () => {
    bundle = await loadPolicyBundle(new URL("../../policies/bundle/atlas.tar.gz", import.meta.url), {
      trust: { kind: "unsigned" },
    });
    database = disposer.use(await startDatabase({ from: "migrated" }));
  }, 180_000);
  afterAll(async () => disposer[Symbol.asyncDispose]());

  const close = (db: { close: () => Promise<void> }) =>
    void disposer.use({ [Symbol.asyncDispose]: () => db.close() });

  /** Asks the two questions about the same caller, and compares. `list` answers the ids of the whole list and its count. */
  async function compare(
    type: string,
    rowsFor: (caller: Caller) => readonly Row[],
    list: (reader: {
      tenant: string;
      filters: Record<string, unknown>;
      purpose: string | null;
    }) => Promise<{ readonly ids: readonly string[]; readonly count: number }>,
  ) {
    const types = { [type]: tableTypes[type] ?? { rules: [], attributes: [], classes: {} } };
    let cases = 0;
    let shown = 0;
    for (const caller of sample(callers, Math.ceil(casesMin / rowCount))) {
      const facts = { caller };
      const rows = rowsFor(caller);
      const [granted] = (await bundle.decideFilters({ facts, types })).decisions;
      const { decisions } = await bundle.decideObjects({
        facts,
        types,
        objects: rows.map(({ attributes }) => ({ type, attributes })),
      });
      const allowed = rows.filter((_, at) => decisions[at]?.outcome !== "drop").map(({ id }) => id);
      const filter = granted?.outcome === "allow" ? "all" : (granted?.condition ?? "none");
      const { ids, count } = await list({ tenant, filters: { [type]: filter }, purpose: caller.purpose });
      expect({ caller, ids: [...ids].sort(), count }).toEqual({
        caller,
        ids: allowed.sort(),
        count: allowed.length,
      });
      cases += rows.length;
      shown += allowed.length;
    }
    expect(cases).toBeGreaterThanOrEqual(casesMin);
    // Some rows are shown and some are not, or the property says little.
    expect(shown / cases).toBeGreaterThan(0.05);
    expect(shown / cases).toBeLessThan(0.95);
    console.info(`${type}: ${cases} cases, ${shown} shown, 0 differences (seed ${seed})`);
  }

  test("of signals have what markings and jurisdictions let a caller see", async () => {
    const generated = sample(
      fc.record({
        marking: fc.constantFrom("CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"),
        residency: fc.constantFrom(...residencies),
      }),
    );
    const signals = await insertSignals(
      database,
      generated.map((row) => ({ ...row, tenant })),
    );
    const rows = signals.map(({ id, marking, residency }) => ({
      id,
      attributes: { marking, residency: residency.toUpperCase(), age: 0 },
    }));
    const db = openIntelligence({ url: database.urlOf("intelligence"), applicationName: "test" });
    close(db);
    await compare(
      "Signal",
      () => rows,
      async (reader) => ({
        ids: (await db.findSignals(reader, {}, { take: rowCount + 1, after: null })).map(({ id }) => id),
        count: await db.countSignals(reader, {}),
      }),
    );
  });

  test("of violations have what jurisdictions let a caller see", async () => {
    const rows = sample(fc.constantFrom(...residencies)).map((residency) => ({
      id: randomUUID(),
      residency,
    }));
    await database.query(
      `INSERT INTO compliance.violation (id, tenant, residency, control_id, region_code, subject, fingerprint, severity,
         status, detected_at, due_at)
       SELECT id, $2, residency, gen_random_uuid(), 'us-east', 'x', id::text, 'LOW', 'OPEN', now(), now()
       FROM json_to_recordset($1) AS row (id uuid, residency text)`,
      [JSON.stringify(rows), tenant],
    );
    const db = openCompliance({ url: database.urlOf("compliance"), applicationName: "test" });
    close(db);
    const now = new Date();
    await compare(
      "Violation",
      () => rows.map(({ id, residency }) => ({ id, attributes: { residency: residency.toUpperCase() } })),
      async (reader) => ({
        ids: (await db.findViolations(reader, { take: rowCount + 1, after: null }, now)).map(({ id }) => id),
        count: await db.countViolations(reader, now),
      }),
    );
  });

  test("of people have those whose consent lets a caller see them", async () => {
    const people = sample(
      fc.record({
        residency: fc.constantFrom(...residencies),
        said: fc.array(
          fc.record({
            purpose: fc.constantFrom("research", "compliance"),
            decision: fc.constantFrom("GRANTED", "GRANTED", "REFUSED", "WITHDRAWN"),
          }),
          { maxLength: 5 },
        ),
      }),
    ).map((person) => ({
      ...person,
      id: randomUUID(),
      said: person.said.map((said, at) => ({ ...said, version: at + 1 })),
    }));
    await database.query(
      `INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code)
       SELECT id, $2, residency, id::text, 'US' FROM json_to_recordset($1) AS row (id uuid, residency text)`,
      [JSON.stringify(people), tenant],
    );
    const consents = people.flatMap(({ id, residency, said }) =>
      said.map((consent) => ({ ...consent, subject: id, residency })),
    );
    await database.query(
      `INSERT INTO regions.consent (id, tenant, residency, subject_id, purpose, decision, version, recorded_by)
       SELECT gen_random_uuid(), $2, residency, subject, purpose, decision, version, 'test'
       FROM json_to_recordset($1) AS row (subject uuid, residency text, purpose text, decision text, version int)`,
      [JSON.stringify(consents), tenant],
    );
    const db = openRegions({ url: database.urlOf("regions"), applicationName: "test" });
    close(db);
    await compare(
      "DataSubject",
      ({ purpose }) =>
        people.map(({ id, residency, said }) => ({
          id,
          attributes: { residency: residency.toUpperCase(), consent: isConsentLive(said, purpose ?? "") },
        })),
      async (reader) => ({
        ids: (await db.findDataSubjects(reader, { take: rowCount + 1, after: null })).map(({ id }) => id),
        count: await db.countDataSubjects(reader),
      }),
    );
  });
});
