/** What callers are told when a write cannot be kept as it must be: over HTTP, by a subgraph whose region has joined. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { toGlobalId } from "../../../subgraphs/shared/ids.ts";
import { startDatabase, type TestDatabase } from "../../support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../support/startSubgraph.ts";

let database: TestDatabase;
let regions: RunningSubgraph;
const subject = randomUUID();

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  await database.query(
    "INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', 'eu', 'p', 'EU')",
    [subject],
  );
  await database.query("SELECT replication.join('us-east', 1, '{global,us,br}')");
  regions = await startSubgraph("regions", database);
});
afterAll(async () => {
  await regions?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

async function recordConsent(idempotencyKey: string): Promise<unknown> {
  const { data, errors } = await regions.query(
    `mutation ($input: RecordConsentInput!) {
      recordConsent(input: $input) { ... on ConsentRecorded { consent { version } } }
    }`,
    {
      input: {
        subjectId: toGlobalId("eu", "DataSubject", subject),
        purpose: "research",
        decision: "GRANTED",
        idempotencyKey,
      },
    },
  );
  return errors?.[0]?.extensions?.code ?? data;
}

test("a consent is not written while no other region can have it, nor where its residency forbids it", async () => {
  expect(await recordConsent("1")).toBe("PEERS_UNAVAILABLE");
  await database.query(
    "INSERT INTO replication.waiver (region, class, reason, started_at, signature) SELECT 'us-east', class, 'test', now(), 's' FROM unnest('{GLOBAL,RESIDENT}'::text[]) AS class",
  );
  expect(await recordConsent("1")).toBe("RESIDENCY_REFUSED");
  expect(await database.query("SELECT FROM regions.consent")).toEqual([]);
  expect(await database.query("SELECT FROM regions.idempotency")).toEqual([]);
});
