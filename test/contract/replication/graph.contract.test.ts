/** What the regions subgraph tells of replication, over HTTP, from a database that has joined. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openDb } from "../../../subgraphs/regions/db.ts";
import { seedRegions } from "../../../subgraphs/regions/jobs/seed.ts";
import { toGlobalId } from "../../../subgraphs/shared/ids.ts";
import { startDatabase, type TestDatabase } from "../../support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../support/startSubgraph.ts";

let database: TestDatabase;
let regions: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  const db = openDb({ url: database.urlOf("regions"), applicationName: "test" });
  await seedRegions(db, new Date("2026-03-03T12:00:00Z"));
  await db.close();
  await database.query("SELECT replication.join('us-east', 1, '{global,us,br}')");
  regions = await startSubgraph("regions", database);
});
afterAll(async () => {
  await regions?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

test("links are absent until they are measured, and then as their receivers measured them", async () => {
  const links = async () => {
    const { data } = await regions.query<{ region: { replicationLinks: unknown[] } }>(
      '{ region(code: "us-east") { replicationLinks { to { code } state lagMs slot { name } } } }',
    );
    return data?.region.replicationLinks;
  };
  const absent = { state: "ABSENT", lagMs: null, slot: null };
  expect(await links()).toEqual([
    { to: { code: "ap-southeast" }, ...absent },
    { to: { code: "eu-west" }, ...absent },
  ]);
  await database.query("INSERT INTO replication.link VALUES ('us-east', 'eu-west', 7, now(), now())");
  expect(await links()).toEqual([
    { to: { code: "ap-southeast" }, ...absent },
    { to: { code: "eu-west" }, state: "STREAMING", lagMs: 7, slot: null },
  ]);
});

test("a change that was set aside is listed, refused again while its cause stays, and applied by a replay after", async () => {
  const id = randomUUID();
  await receive(id, {
    id,
    code: "zz",
    framework: "f",
    reference: "r",
    title: "t",
    description: "d",
    position: "none",
  });
  const listed = await regions.query<{ quarantinedChanges: { id: string }[] }>(
    "{ quarantinedChanges { id table rowId origin reason message replayedAt } }",
  );
  expect(listed.data?.quarantinedChanges).toEqual([
    {
      id: expect.stringMatching(/^global-quarantinedchange-/),
      table: "compliance.control",
      rowId: id,
      origin: "eu-west#1",
      reason: "ROW",
      message: expect.stringContaining("invalid input syntax for type integer"),
      replayedAt: null,
    },
  ]);
  const replay = async (changeId: string | undefined) => {
    const { data } = await regions.query<{ replayQuarantine: unknown }>(
      `mutation ($id: ID!) { replayQuarantine(input: { id: $id }) {
        ... on RegionsRefusal { reason } ... on QuarantineReplayed { change { replayedAt } } } }`,
      { id: changeId },
    );
    return data?.replayQuarantine;
  };
  const changeId = listed.data?.quarantinedChanges[0]?.id;
  expect(await replay(changeId)).toEqual({ reason: "STILL_REFUSED" });
  await database.query("ALTER TABLE compliance.control ALTER position TYPE text USING position::text");
  expect(await replay(changeId)).toEqual({ change: { replayedAt: expect.any(String) } });
  expect(await replay(changeId)).toEqual({ change: { replayedAt: expect.any(String) } });
  expect(await replay(toGlobalId("global", "QuarantinedChange", randomUUID()))).toEqual({
    reason: "QUARANTINE_UNKNOWN",
  });
  expect(await database.query("SELECT position FROM compliance.control WHERE id = $1", [id])).toEqual([
    { position: "none" },
  ]);
});

/** As the apply worker does it. */
async function receive(id: string, content: object): Promise<void> {
  await database.query(`
    SET session_replication_role = replica;
    INSERT INTO replication.change (origin, seq, at, tbl, pk, op, hlc, residency, schema_version, content)
    VALUES ('eu-west#1', 1, now(), 'compliance.control', '${id}', 'I', 1, 'global', 1, '${JSON.stringify(content)}');
    RESET session_replication_role`);
}
