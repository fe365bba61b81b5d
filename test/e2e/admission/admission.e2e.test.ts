/** Who may ask what, how often and at what cost, over HTTP and WebSocket. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { createDisposer } from "../../support/createDisposer.ts";
import { describeWhere } from "../../support/describeWhere.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway } from "../../support/startGateway.ts";
import { startRedis } from "../../support/startRedis.ts";

const disposer = createDisposer();
const query = "{ books { title } }";
const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const persisted = (text: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: hash(text) } },
});
let shop: Bookshop;

beforeAll(async () => {
  shop = disposer.use(await startBookshop());
});
afterAll(async () => disposer[Symbol.asyncDispose]());

const start = async (environment: Readonly<Record<string, string>>) =>
  disposer.use(await startGateway(shop.sdl, environment));

type Body = {
  readonly errors?: readonly { readonly extensions: Readonly<Record<string, unknown>> }[];
};

async function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
    body: JSON.stringify(body),
  });
  // What a test expects of it, the expectation that follows proves.
  const answer = (await response.json()) as Body;
  return { status: response.status, headers: response.headers, body: answer };
}

const coded = (code: string) => ({ errors: [{ extensions: { code } }] });

describe("cost", () => {
  test("an operation that costs too much is refused with both numbers, before any subgraph is asked", async () => {
    const { graphql } = await start({ ATLAS_COST_MAX: "9" });
    const asked = shop.seen.headers.length;
    expect(await post(graphql, { query })).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: "OPERATION_TOO_COSTLY", estimated: 10, allowed: 9 } }] },
    });
    expect(shop.seen.headers.length).toBe(asked);
    expect((await post(graphql, { query: '{ book(isbn: "1") { title } }' })).status).toBe(200);
  });

  test("is told to developers who ask, and not in production", async () => {
    const [local, production] = [
      await start({ ATLAS_PROFILE: "local", ATLAS_COST_MAX: "50" }),
      await start({}),
    ];
    const explain = { "atlas-explain": "cost" };
    expect((await post(local.graphql, { query }, explain)).body).toMatchObject({
      data: { books: [{ title: "Dune" }, { title: "Emma" }] },
      extensions: { cost: { estimated: 10, allowed: 50 } },
    });
    expect((await post(local.graphql, { query })).body).not.toHaveProperty("extensions");
    expect((await post(production.graphql, { query }, explain)).body).not.toHaveProperty("extensions");
    const metrics = await (await fetch(`${local.url}/metrics`)).text();
    expect(metrics).toContain('atlas_gateway_operation_cost_bucket{le="10",kind="query"} 2');
  });
});

describe("persisted queries", () => {
  test("Apollo's protocol: hash, not found, hash with text, hash", async () => {
    const { graphql } = await start({});
    expect(await post(graphql, persisted(query))).toMatchObject({
      status: 200,
      body: {
        errors: [{ message: "PersistedQueryNotFound", extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }],
      },
    });
    await post(graphql, { query, ...persisted(query) });
    const url = `${graphql}?extensions=${encodeURIComponent(JSON.stringify(persisted(query).extensions))}`;
    const got = await fetch(url, { headers: { "apollo-require-preflight": "true" } });
    expect(await got.json()).toEqual({ data: { books: [{ title: "Dune" }, { title: "Emma" }] } });
  });

  test("a text that is not valid is not learned", async () => {
    const { graphql } = await start({});
    await post(graphql, { query: "{ nothing }", ...persisted("{ nothing }") });
    expect((await post(graphql, persisted("{ nothing }"))).body).toMatchObject(
      coded("PERSISTED_QUERY_NOT_FOUND"),
    );
  });

  test("work over WebSocket too", async () => {
    const { graphql, socket } = await start({});
    await post(graphql, { query, ...persisted(query) });
    const client = createClient({ url: socket, webSocketImpl: WebSocket });
    const { value } = await client.iterate({ query: "", ...persisted(query) }).next();
    expect(value).toEqual({ data: { books: [{ title: "Dune" }, { title: "Emma" }] } });
    await client.dispose();
  });
});

describeWhere("redis-server", "two gateways with one Redis", (program) => {
  test("share persisted queries and limits, and both serve on without it", async () => {
    const redis = disposer.use(await startRedis(program));
    const environment = { ATLAS_REDIS_URL: redis.url, ATLAS_RATE_LIMIT_CALLER: "4/60" };
    const [one, two] = [await start(environment), await start(environment)];
    await post(one.graphql, { query, ...persisted(query) });
    expect((await post(two.graphql, persisted(query))).body).toHaveProperty("data.books");
    await post(one.graphql, { query });
    await post(two.graphql, { query });
    expect(await post(one.graphql, { query })).toMatchObject({ status: 429, body: coded("RATE_LIMITED") });
    await redis.stop();
    expect((await post(two.graphql, { query })).status).toBe(200);
    expect((await post(two.graphql, persisted("{ __typename }"))).body).toMatchObject(
      coded("PERSISTED_QUERY_NOT_FOUND"),
    );
    await redis.start();
  });
});

describe("the safelist", () => {
  test("in the mode only, nothing else runs on any transport", async () => {
    const folder = await mkdtemp(join(tmpdir(), "atlas-safelist-"));
    const manifest = join(folder, "manifest.json");
    const operations = [{ id: hash(query), name: "Books", type: "query", body: query }];
    await writeFile(
      manifest,
      JSON.stringify({ format: "apollo-persisted-query-manifest", version: 1, operations }),
    );
    const { graphql, socket } = await start({ ATLAS_SAFELIST: manifest, ATLAS_SAFELIST_MODE: "only" });
    expect((await post(graphql, persisted(query))).body).toHaveProperty("data.books");
    expect((await post(graphql, { query })).body).toHaveProperty("data.books");
    for (const other of ["{ __schema { types { name } } }", "{books{title}}", "{ __typename }"]) {
      expect(await post(graphql, { query: other })).toMatchObject({
        status: 403,
        body: coded("QUERY_NOT_IN_SAFE_LIST"),
      });
    }
    const client = createClient({ url: socket, webSocketImpl: WebSocket });
    await expect(client.iterate({ query: "{ __typename }" }).next()).rejects.toMatchObject([
      { extensions: { code: "QUERY_NOT_IN_SAFE_LIST" } },
    ]);
    await client.dispose();
    await rm(folder, { recursive: true });
  });
});

describe("batches", () => {
  test("run side by side up to the limit, each with its own outcome", async () => {
    const { graphql } = await start({ ATLAS_BATCH_MAX: "3" });
    const batch = [{ query }, { query: "{ nothing }" }, { query: "subscription { bookAdded { isbn } }" }];
    expect((await post(graphql, batch)).body).toMatchObject([
      { data: { books: [{ title: "Dune" }, { title: "Emma" }] } },
      coded("GRAPHQL_VALIDATION_FAILED"),
      coded("BATCH_REFUSED"),
    ]);
    expect(await post(graphql, [{ query }, { query }, { query }, { query }])).toMatchObject({
      status: 400,
      body: coded("BATCH_REFUSED"),
    });
  });

  test("are off unless somebody turns them on", async () => {
    const { graphql } = await start({});
    expect(await post(graphql, [{ query }])).toMatchObject({ status: 400, body: coded("BATCH_REFUSED") });
  });

  test("count each of their requests", async () => {
    const { graphql } = await start({ ATLAS_BATCH_MAX: "5", ATLAS_RATE_LIMIT_CALLER: "2/60" });
    const { body } = await post(graphql, [{ query }, { query }, { query }]);
    expect([body].flat().filter(({ errors }) => errors)).toMatchObject([coded("RATE_LIMITED")]);
  });
});

describe("rate limits", () => {
  test("answer 429 with the time to wait, in the header and in the error", async () => {
    const { graphql } = await start({ ATLAS_RATE_LIMIT_CALLER: "1/30" });
    expect((await postGraphql(graphql, { query })).status).toBe(200);
    const { status, headers, body } = await post(graphql, { query });
    expect([status, body]).toMatchObject([429, coded("RATE_LIMITED")]);
    expect(Number(headers.get("retry-after"))).toBe(body.errors?.[0]?.extensions.retryAfterSeconds);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(25);
  });

  test("tell callers apart by the address that a trusted proxy saw, and by nothing that a caller can write", async () => {
    const trusting = await start({ ATLAS_RATE_LIMIT_CALLER: "1/30", ATLAS_TRUSTED_PROXIES: "1" });
    const from = (address: string) => ({ "x-forwarded-for": address });
    expect((await post(trusting.graphql, { query }, from("203.0.113.1"))).status).toBe(200);
    expect((await post(trusting.graphql, { query }, from("203.0.113.2"))).status).toBe(200);
    expect((await post(trusting.graphql, { query }, from("6.6.6.6, 203.0.113.1"))).status).toBe(429);
    const plain = await start({ ATLAS_RATE_LIMIT_CALLER: "1/30" });
    expect((await post(plain.graphql, { query }, from("203.0.113.1"))).status).toBe(200);
    expect((await post(plain.graphql, { query }, from("203.0.113.2"))).status).toBe(429);
  });

  test("spend a budget of cost", async () => {
    const { graphql } = await start({ ATLAS_RATE_LIMIT_COST: "15/30" });
    expect((await post(graphql, { query })).status).toBe(200);
    expect((await post(graphql, { query })).status).toBe(429);
  });
});

describe("packed answers", () => {
  /** fetch unpacks by itself and hides what came. */
  function ask(
    url: string,
    bytes: number,
    accept: string,
  ): Promise<{ encoding: string | undefined; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(url, {
        method: "POST",
        headers: { "content-type": "application/json", "accept-encoding": accept },
      });
      request.once("error", reject).once("response", (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("end", () =>
          resolve({ encoding: response.headers["content-encoding"], body: Buffer.concat(pieces) }),
        );
      });
      request.end(JSON.stringify({ query: `{ huge(bytes: ${bytes}) }` }));
    });
  }

  test.each([
    ["gzip, deflate, br", "br"],
    ["gzip", "gzip"],
    ["*", "gzip"],
    ["br;q=0, gzip;q=0.5", "gzip"],
    ["identity", undefined],
    ["gzip;q=0", undefined],
  ])("for a client that accepts %s in %s", async (accept, expected) => {
    const { graphql } = await start({});
    const { encoding, body } = await ask(graphql, 50_000, accept);
    expect(encoding).toBe(expected);
    const unpacked =
      encoding === "br" ? brotliDecompressSync(body) : encoding === "gzip" ? gunzipSync(body) : body;
    expect(JSON.parse(String(unpacked))).toEqual({ data: { huge: "x".repeat(50_000) } });
  });

  test("not when they are small, and not when it is off", async () => {
    const [usual, off] = [await start({}), await start({ ATLAS_COMPRESS_BYTES_MIN: "0" })];
    expect((await ask(usual.graphql, 100, "br")).encoding).toBeUndefined();
    expect((await ask(off.graphql, 50_000, "br")).encoding).toBeUndefined();
  });
});
