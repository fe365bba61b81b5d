/** The load run for seconds: no figure is judged, only that nothing acknowledged is lost or seen twice. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { buildOnce } from "../../support/startDatabase.ts";
import { compareIds } from "./compareIds.ts";
import { sendSignals } from "./sendSignals.ts";
import { type IngestRegion, startIngestRegion } from "./startIngestRegion.ts";

const sources = ["load-a", "load-b"];
let region: IngestRegion;

beforeAll(async () => {
  await buildOnce();
  region = await startIngestRegion({ log: "postgres", sources });
}, 180_000);
afterAll(async () => region?.[Symbol.asyncDispose]());

test("a subgraph killed while signals come: each that was acknowledged is there, once", async () => {
  const { url, token } = region;
  const sending = sendSignals({ url, token, rate: 200, seconds: 4, batch: 10, sources });
  while (sending.counts.acknowledged < 200) await new Promise((resolve) => setTimeout(resolve, 20));
  await region.killAndRestart("intelligence");
  await sending.done;
  const { acknowledged, queryable, lost, duplicates } = await compareIds(
    region.adminUrl,
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
