/** Signals through the public port: who may send, and that lines are answered while they come. */
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { deriveWebhookMasterKey } from "../../../infra/local/region.ts";
import { deriveWebhookKey, sign } from "../../../subgraphs/intelligence/ingest/verifySignature.ts";
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

describe("who signs", () => {
  const source = { ...signal(), source: undefined };

  beforeAll(async () => {
    await region.database.query(
      "INSERT INTO intelligence.webhook (code, tenant, source_code, key_version) VALUES ('harbour', 'acme', 'feed', 2)",
    );
  });

  test("sends as the webhook's tenant and source", async () => {
    const body = JSON.stringify([source, { ...source, sourceId: randomUUID(), source: "another" }]);
    const { status, body: answer } = await postSigned("harbour", body, keyOf("harbour", 2));
    expect({ status, answer }).toMatchObject({
      status: 202,
      answer: { accepted: [{ index: 0 }], refused: [{ index: 1, reason: "SOURCE_UNKNOWN" }] },
    });
    for (const giveUpAt = Date.now() + 20_000; ; await sleep(20)) {
      const rows = await region.database.query(
        "SELECT tenant, source_code FROM intelligence.signal WHERE source_id = $1",
        [source.sourceId],
      );
      if (JSON.stringify(rows) === '[{"tenant":"acme","source_code":"feed"}]') break;
      if (Date.now() > giveUpAt) throw new Error(`waited 20 s for the signal; got ${JSON.stringify(rows)}`);
    }
  });

  test("with the key before only until its time has come", async () => {
    const body = JSON.stringify(source);
    const until = (moment: string) =>
      region.database.query(`UPDATE intelligence.webhook SET old_key_until = ${moment}`);
    await until("now() + interval '1 hour'");
    expect(await postSigned("harbour", body, keyOf("harbour", 1))).toMatchObject({ status: 202 });
    await until("now() - interval '1 second'");
    expect(await postSigned("harbour", body, keyOf("harbour", 1))).toMatchObject({ status: 401 });
  });

  test.each([
    ["another webhook's key", "harbour", () => keyOf("other", 2)],
    ["a webhook that is not registered", "nobody", () => keyOf("nobody", 1)],
    ["a code that leads elsewhere", "..%2Fsignals", () => keyOf("harbour", 2)],
  ])("nobody with %s, and all in the same words", async (_what, code, key) => {
    expect(await postSigned(code, JSON.stringify(source), key())).toMatchObject({
      status: 401,
      body: {
        errors: [
          {
            message: "expected a webhook that is registered, and a signature by its key",
            extensions: { code: "SIGNATURE_REFUSED" },
          },
        ],
      },
    });
  });

  test("nobody who goes round the gateway", async () => {
    const url = `http://127.0.0.1:${region.settings.ports.intelligence}/ingest/v1/webhooks/harbour`;
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(response.status).toBe(401);
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

function keyOf(code: string, version: number): Buffer {
  const master = Buffer.from(deriveWebhookMasterKey(region.settings.contextSecret));
  return deriveWebhookKey(master, code, version);
}

async function postSigned(
  code: string,
  body: string,
  key: Buffer,
): Promise<{ status: number; body: unknown }> {
  const seconds = String(Math.floor(Date.now() / 1_000));
  const response = await fetch(`${urlOf().origin}/ingest/v1/webhooks/${code}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "atlas-signature": `t=${seconds},v1=${sign(key, seconds, body).toString("hex")}`,
    },
    body,
  });
  return { status: response.status, body: await response.json() };
}
