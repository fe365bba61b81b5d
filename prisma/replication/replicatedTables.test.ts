/** The list of replicated tables, the SQL that was committed, and the database say the same. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { subgraphNames } from "../../infra/local/subgraphNames.ts";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { loadMigrations } from "../migrations.ts";
import { generateReplicatedTables } from "./generateReplicatedTables.ts";
import { localTables, replicatedTables } from "./replicatedTables.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
});
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
});

test("the committed SQL is what the list generates, one lot for each migration", async () => {
  const committed = (await loadMigrations()).filter(({ sql }) =>
    sql.startsWith("-- Generated from prisma/replication"),
  );
  let after = 0;
  for (const { sql } of committed) {
    const count = sql.match(/^ALTER TABLE /gm)?.length ?? 0;
    const lot = replicatedTables.slice(after, after + count);
    expect(sql.trimEnd()).toBe(generateReplicatedTables(lot, after).trimEnd());
    after += count;
  }
  expect(after).toBe(replicatedTables.length);
});

test("every table of the five subgraphs replicates or is an exception with a reason", async () => {
  const tables = await database.query<{ name: string }>(
    "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname = ANY ($1) ORDER BY 1",
    [subgraphNames],
  );
  const listed = [...replicatedTables.map(({ table }) => table), ...Object.keys(localTables)];
  expect(listed.sort()).toEqual(tables.map(({ name }) => name));
  for (const reason of Object.values(localTables)) expect(reason.length).toBeGreaterThan(20);
});

describe.each(replicatedTables)("$table", ({ table, key, residency }) => {
  test("is keyed as the list says, by values that two regions cannot both count up to", async () => {
    const columns = await database.query<{ attname: string; is_counted: boolean }>(
      `SELECT attname, attidentity <> '' OR coalesce(pg_get_expr(adbin, adrelid) LIKE 'nextval%', false) AS is_counted
       FROM pg_attribute JOIN pg_constraint ON conrelid = attrelid AND contype = 'p' AND attnum = ANY (conkey)
       LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       WHERE attrelid = $1::regclass ORDER BY array_position(conkey, attnum)`,
      [table],
    );
    expect(columns).toEqual(key.map((attname) => ({ attname, is_counted: false })));
  });

  test("says where its rows may be stored", async () => {
    const [found] = await database.query<{ has_residency: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'residency' AND attnotnull) AS has_residency`,
      [table],
    );
    // A jurisdiction's residency is what it lends to others; the row itself is everybody's.
    const isOwn = found?.has_residency && table !== "regions.jurisdiction";
    expect(isOwn).toBe(residency === "row");
    if (typeof residency === "string") return;
    const names = replicatedTables.map((one) => one.table);
    expect(names.indexOf(residency.parent)).toBeLessThan(names.indexOf(table));
  });
});

/**
 * Two regions that insert one natural key at the same time must make the same row, which the newer version then wins.
 * Where ids are not made from the natural key, each region would refuse the other's row.
 */
test("a unique key besides the primary one stands only where ids are made from it (UUIDv5)", async () => {
  const unique = await database.query<{ name: string }>(
    `SELECT conrelid::regclass || ' ' || string_agg(attname, ',' ORDER BY array_position(conkey, attnum)) AS name
     FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
     WHERE contype = 'u' AND conrelid::regclass::text = ANY ($1) GROUP BY pg_constraint.oid ORDER BY 1`,
    [replicatedTables.map(({ table }) => table)],
  );
  expect(unique.map(({ name }) => name)).toEqual(Object.keys(idsFromNaturalKeys));
});

/** Where the id of each is made. */
const idsFromNaturalKeys: Readonly<Record<string, string>> = {
  "compliance.control code": "compliance/jobs/seed.ts",
  "compliance.retention_rule data_class,jurisdiction_code": "compliance/jobs/seed.ts",
  "compliance.violation tenant,fingerprint": "compliance/jobs/seed/scanRows.ts",
  "intelligence.entity tenant,source_code,source_id": "intelligence/jobs/importers/createRows.ts",
  "intelligence.entity_relation tenant,source_code,source_id": "intelligence/jobs/importers/createRows.ts",
  "intelligence.signal tenant,source_code,source_id": "intelligence/jobs/importers/createRows.ts",
  "intelligence.source code": "intelligence/db/sources.ts",
  "intelligence.stix_object source_code,source_id": "intelligence/jobs/importers/createRows.ts",
  "ml.model code": "ml/jobs/seed.ts",
  "ml.model_version model_id,version": "ml/jobs/seed.ts",
  "ml.round run_id,number": "ml/jobs/seed/runRows.ts",
  "mobile.device tenant,owner_id,installation_id": "mobile/domain/registerDevice.ts",
  "mobile.offline_mutation device_id,sequence": "mobile/jobs/seed.ts",
  "regions.account tenant,subject": "shared/accountId.ts",
  "regions.country alpha3": "regions/jobs/seed.ts",
  "regions.country code": "regions/jobs/seed.ts",
  "regions.jurisdiction code": "regions/jobs/seed.ts",
  "regions.primary_claim region_code": "regions/db/failover.ts",
  "regions.primary_vote voter_code": "regions/db/failover.ts",
  "regions.region code": "regions/jobs/seed.ts",
  "regions.region_probe witness_code,target_code": "regions/db/failover.ts",
  "regions.region_repair region_code": "infra/replication/repairRegion.ts",
  "regions.replication_link from_region_code,to_region_code": "regions/jobs/seed.ts",
};
