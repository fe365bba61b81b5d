/** The load run for seconds: no figure is judged, only that nothing acknowledged is lost or seen twice, and that senders are held back. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type pg from "pg";
import { withClient } from "../../../infra/local/prepareDatabase.ts";
import { outboxLockKey } from "../../../subgraphs/intelligence/db/outbox.ts";
import { buildOnce } from "../../support/startDatabase.ts";
import { compareIds } from "./compareIds.ts";
import { sendSignals } from "./sendSignals.ts";
import { type IngestRegion, startIngestRegion } from "./startIngestRegion.ts";

const sources = ["load-a", "load-b"];
const heldSources = ["held-a", "held-b"];
const outboxRowsMax = 1_000;
let region: IngestRegion;

beforeAll(async () => {
  await buildOnce();
  region = await startIngestRegion({
    log: "postgres",
    sources: [...sources, ...heldSources],
    environment: { ATLAS_INGEST_OUTBOX_MAX: String(outboxRowsMax) },
  });
}, 180_000);
afterAll(async () => region?.[Symbol.asyncDispose]());

test("a subgraph killed while signals come: each that was acknowledged is there, once", async () => {
  const { url, token } = region;
  const sending = sendSignals({ url, token, rate: 200, seconds: 4, batch: 10, sources });
  while (sending.counts.acknowledged < 200) await sleep(20);
  await region.killAndRestart("intelligence");
  await sending.done;
  const { acknowledged, queryable, lost, duplicates } = await compareIds(
    region.adminUrl,
    sources,
    sending.sentAt,
    60_000,
  );
  expect({ acknowledged, queryable, lost, duplicates }).toEqual({
    acknowledged: 800,
    queryable: 800,
    lost: 0,
    duplicates: 0,
  });
}, 180_000);

test("senders are told to wait before the outbox fills, and all is stored once the relay is back", async () => {
  const { url, token, adminUrl } = region;
  const options = { url, token, rate: 2_000, seconds: 1.5, batch: 50, sources: heldSources };
  const underWayMax = 64 * options.batch;
  await withClient(adminUrl, async (client) => {
    await holdRelay(client);
    const sending = sendSignals(options);
    while (sending.counts.busy === 0) await sleep(20);
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM intelligence.outbox",
    );
    // What had come in before the limit was reached is kept all the same.
    expect(rows[0]?.count).toBeLessThan(outboxRowsMax + underWayMax);
    await client.query("SELECT pg_advisory_unlock_all()");
    await sending.done;
    const verdict = await compareIds(adminUrl, heldSources, sending.sentAt, 60_000);
    expect(verdict).toMatchObject({ acknowledged: 3_000, queryable: 3_000, lost: 0 });
  });
}, 180_000);

/** Takes the turn that a relay has, as another relay would that hangs. */
async function holdRelay(client: pg.Client): Promise<void> {
  for (let held = false; !held; await sleep(20)) {
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'atlas-outbox-relay'",
    );
    const { rows } = await client.query<{ held: boolean }>("SELECT pg_try_advisory_lock($1) AS held", [
      outboxLockKey,
    ]);
    held = rows[0]?.held === true;
  }
}
