/** What the graph tells of regions and how operators order them about, over HTTP and WebSocket, in a region that has joined others. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { openDb } from "../../../subgraphs/regions/db.ts";
import { referenceRows } from "../../../subgraphs/regions/jobs/seed.ts";
import { eventually } from "../../support/eventually.ts";
import { signContext } from "../../support/signContext.ts";
import { startDatabase, type TestDatabase } from "../../support/startDatabase.ts";
import { type RunningSubgraph, startSubgraph } from "../../support/startSubgraph.ts";

let database: TestDatabase;
let regions: RunningSubgraph;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
  const db = openDb({ url: database.urlOf("regions"), applicationName: "test" });
  await db.seed({ ...referenceRows(), accounts: [], dataSubjects: [], consents: [] });
  await db.close();
  await database.query("SELECT replication.join('us-east', 1, '{global,us,br}')");
  regions = await startSubgraph("regions", database);
}, 60_000);
afterAll(async () => {
  await regions?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await database.query("UPDATE regions.region SET status = 'SERVING', is_held = false");
  await database.query("DELETE FROM replication.waiver");
});

async function ask<Result>(
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Result | undefined> {
  const { data, errors } = await regions.query<{ result: Result }>(query, variables);
  expect(errors).toBeUndefined();
  return data?.result;
}

async function waive(kind: "GLOBAL" | "RESIDENT"): Promise<void> {
  await database.query(
    "INSERT INTO replication.waiver (region, class, reason, started_at, signature) VALUES ('us-east', $1, 'a test', now(), 'none')",
    [kind],
  );
}

describe("how regions are", () => {
  test("is told as the others saw them, the latest look first", async () => {
    await database.query(
      `INSERT INTO regions.region_probe (id, witness_code, target_code, misses, goods, latency_ms, failure, probed_at) VALUES
       (gen_random_uuid(), 'us-east', 'eu-west', 0, 7, 81, NULL, now() - interval '20 s'),
       (gen_random_uuid(), 'ap-southeast', 'eu-west', 2, 0, NULL, 'no answer within 5000 ms', now())`,
    );
    const sighting = "witness { code } misses goods latencyMs failure";
    const result = await ask(
      `{ result: region(code: "eu-west") { status isHeld lastProbe { ${sighting} } sightings { ${sighting} } } }`,
    );
    const last = {
      witness: { code: "ap-southeast" },
      misses: 2,
      goods: 0,
      latencyMs: null,
      failure: "no answer within 5000 ms",
    };
    const earlier = { witness: { code: "us-east" }, misses: 0, goods: 7, latencyMs: 81, failure: null };
    expect(result).toEqual({ status: "SERVING", isHeld: false, lastProbe: last, sightings: [last, earlier] });
  });

  test("includes what a durable write is worth, in the region that answers and in no other", async () => {
    const query = "{ result: regions { code rpo { global resident } replicationSlots { name } } }";
    const elsewhere = { rpo: null, replicationSlots: null };
    const others = [
      { code: "eu-west", ...elsewhere },
      { code: "ap-southeast", ...elsewhere },
    ];
    expect(await ask(query)).toEqual([
      { code: "us-east", rpo: { global: "REFUSING", resident: "REFUSING" }, replicationSlots: [] },
      ...others,
    ]);
    await waive("RESIDENT");
    expect(await ask(query)).toEqual([
      { code: "us-east", rpo: { global: "REFUSING", resident: "WAIVED" }, replicationSlots: [] },
      ...others,
    ]);
  });

  test("names the region that holds the lease as the primary, and none when nobody does", async () => {
    const roles = () => ask("{ result: regions { code role } }");
    const all = (primary: string | undefined) =>
      ["us-east", "eu-west", "ap-southeast"].map((code) => ({
        code,
        role: code === primary ? "PRIMARY" : "ACTIVE",
      }));
    expect(await roles()).toEqual(all(undefined));
    await elect("eu-west");
    expect(await roles()).toEqual(all("eu-west"));
  });
});

/** As two voters would have written it. */
async function elect(code: string): Promise<void> {
  const until = "replication.now() + interval '1 hour'";
  await database.query("DELETE FROM regions.primary_claim");
  await database.query("DELETE FROM regions.primary_vote");
  await database.query(
    `INSERT INTO regions.primary_claim VALUES (gen_random_uuid(), $1, 9, replication.now(), ${until}, false)`,
    [code],
  );
  for (const voter of ["eu-west", "ap-southeast"])
    await database.query(
      `INSERT INTO regions.primary_vote VALUES (gen_random_uuid(), $1, 9, $2, replication.now(), ${until}, ${until})`,
      [voter, code],
    );
}

describe("orders", () => {
  const order = (mutation: string, input: object) =>
    ask<{ order?: { id: string }; reason?: string; message?: string }>(
      `mutation ($input: RegionOrderInput!) { result: ${mutation}(input: $input) {
        ... on RegionOrdered { order { id kind reason orderedBy isObeyed region { code } } }
        ... on RegionsRefusal { reason message } } }`,
      { input: { code: "eu-west", reason: "new disks", idempotencyKey: "one", ...input } },
    );

  test("are put on record once, however often they are sent, with who gave them", async () => {
    await waive("GLOBAL");
    const first = await order("drainRegion", {});
    expect(first).toEqual({
      order: {
        id: expect.stringMatching(/^global-regionorder-/),
        kind: "DRAIN",
        reason: "new disks",
        orderedBy: "analyst",
        isObeyed: false,
        region: { code: "eu-west" },
      },
    });
    expect(await order("drainRegion", {})).toEqual(first);
    expect(await database.query("SELECT FROM regions.region_order")).toHaveLength(1);
    expect(await order("failOverRegion", {})).toMatchObject({ reason: "IDEMPOTENCY_KEY_REUSED" });
    expect(await ask('{ result: region(code: "eu-west") { lastOrder { id } } }')).toEqual({
      lastOrder: { id: first?.order?.id },
    });
  });

  test.each([
    ["drainRegion", { code: "mars" }, "REGION_UNKNOWN", "expected one of us-east, eu-west, ap-southeast"],
    ["rejoinRegion", { reason: " x " }, "INVALID_INPUT", "at least 3 characters; got 1"],
    ["rejoinRegion", { reason: "x".repeat(201) }, "INVALID_INPUT", "reason"],
    ["rejoinRegion", { idempotencyKey: "" }, "INVALID_INPUT", "idempotencyKey"],
  ])("%s %j is refused with %s", async (mutation, input, reason, message) => {
    expect(await order(mutation, input)).toEqual({ reason, message: expect.stringContaining(message) });
  });

  test("never take the last region out of service", async () => {
    await waive("GLOBAL");
    await database.query("UPDATE regions.region SET status = 'DOWN' WHERE code <> 'eu-west'");
    expect(await order("failOverRegion", { idempotencyKey: "two" })).toMatchObject({ reason: "LAST_REGION" });
    expect(await order("rejoinRegion", { idempotencyKey: "three" })).toMatchObject({
      order: { kind: "REJOIN" },
    });
  });

  test("are not taken where nobody else would know of them", async () => {
    const { errors } = await regions.query(
      'mutation { drainRegion(input: { code: "eu-west", reason: "disks", idempotencyKey: "four" }) { __typename } }',
    );
    expect(errors?.[0]?.extensions?.code).toBe("PEERS_UNAVAILABLE");
  });
});

test("a change of status is told to whoever watches that region, with the region as it is then", async () => {
  const client = createClient({ url: regions.url.replace("http", "ws"), webSocketImpl: WebSocket });
  const received: unknown[] = [];
  try {
    const extensions = {
      "atlas-context": await signContext({ secret: regions.contextSecret, audience: "regions" }),
    };
    const query = 'subscription { regionHealthChanged(code: "ap-southeast") { code status } }';
    client.subscribe(
      { query, extensions },
      {
        next: ({ data }) => received.push(data),
        error: (error) => received.push(error),
        complete: () => undefined,
      },
    );
    // Nothing of graphql-ws tells that a subscription has begun, so the region changes until it is heard of.
    for (let turn = 0; received.length === 0 && turn < 30; turn += 1) {
      const status = turn % 2 === 0 ? "DRAINING" : "DOWN";
      await database.query("UPDATE regions.region SET status = $1 WHERE code = 'ap-southeast'", [status]);
      await database.query("UPDATE regions.region SET status = $1 WHERE code = 'eu-west'", [status]);
      await sleep(1_500);
    }
    const [row] = await database.query<{ status: string }>(
      "SELECT status FROM regions.region WHERE code = 'ap-southeast'",
    );
    await eventually(() =>
      expect(received.at(-1)).toEqual({ regionHealthChanged: { code: "ap-southeast", status: row?.status } }),
    );
    expect(received).toHaveLength(1);
  } finally {
    await client.dispose();
  }
}, 90_000);
