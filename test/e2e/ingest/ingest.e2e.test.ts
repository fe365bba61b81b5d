/** Signals through the public port: who may send, and that lines are answered while they come. */
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { insertSource } from "../../support/insertSignals.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";

let region: Region;

beforeAll(async () => {
  region = await startRegion("migrated");
  await insertSource(region.database, "feed");
}, 120_000);
afterAll(async () => region?.[Symbol.asyncDispose]());

describe("who may send", () => {
  test("nobody without a token", async () => {
    expect(await post(JSON.stringify(signal()))).toMatchObject({
      status: 401,
      body: { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] },
    });
  });

  test.each([
    ["without the scope", { scope: "signals:read" }],
    ["without a role that analyses", { roles: ["platform_engineer"] }],
  ])("nobody %s", async (_who, claims) => {
    const token = await region.issuer.tokenFor(claims);
    expect(await post(JSON.stringify(signal()), token)).toMatchObject({
      status: 403,
      body: { errors: [{ extensions: { code: "FORBIDDEN" } }] },
    });
  });
});

test("a signal that was accepted is answered by the graph", async () => {
  const token = await region.issuer.tokenFor();
  const { status, body } = await post(JSON.stringify(signal({ title: "Port closed" })), token);
  expect(status).toBe(202);
  const [{ id }] = (body as { accepted: [{ id: string }] }).accepted; // as the status says
  for (const giveUpAt = Date.now() + 20_000; ; await sleep(20)) {
    const { data } = await region.query(`{ node(id: "${id}") { ... on Signal { title } } }`, {}, {});
    if (JSON.stringify(data) === '{"node":{"title":"Port closed"}}') break;
    if (Date.now() > giveUpAt) throw new Error(`waited 20 s for the signal; got ${JSON.stringify(data)}`);
  }
});

test("lines are answered while more of them come, through the gateway", async () => {
  const token = await region.issuer.tokenFor();
  const sending = request(urlOf(), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
  });
  const answered: string[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    sending.on("error", reject);
    sending.on("response", (response) => {
      response.on("data", (chunk: Buffer) => answered.push(...String(chunk).trim().split("\n")));
      response.on("end", resolve);
      response.on("error", reject);
    });
  });
  for (let line = 0; line < 3; line += 1) {
    sending.write(`${JSON.stringify(signal())}\n`);
    for (const giveUpAt = Date.now() + 20_000; answered.length <= line; await sleep(10)) {
      if (Date.now() > giveUpAt) throw new Error(`waited 20 s for the answer to line ${line}`);
    }
  }
  sending.end();
  await ended;
  expect(answered.map((line) => JSON.parse(line).index)).toEqual([0, 1, 2, undefined]);
  expect(answered.at(-1)).toBe('{"accepted":3,"refused":0}');
});

test("a subgraph that is away is told as such, and nothing is acknowledged", async () => {
  const token = await region.issuer.tokenFor();
  await region.subgraphs.intelligence.stop();
  expect(await post(JSON.stringify(signal()), token)).toMatchObject({
    status: 503,
    body: { errors: [{ extensions: { code: "SUBGRAPH_UNAVAILABLE" } }] },
  });
});

function urlOf(): URL {
  return new URL("/ingest/v1/signals", region.url);
}

async function post(body: string, token?: string) {
  const response = await fetch(urlOf(), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body,
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer };
}

function signal(change: Readonly<Record<string, string>> = {}) {
  return {
    source: "feed",
    sourceId: randomUUID(),
    domain: "CYBER",
    kind: "test",
    title: "Something happened",
    severity: 0.5,
    confidence: 0.8,
    observedAt: "2024-03-03T12:00:00Z",
    ...change,
  };
}
