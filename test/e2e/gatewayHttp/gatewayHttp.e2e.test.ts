/** What the gateway offers over HTTP beside answers: pages, CORS and CSRF, health, metrics, request ids and its log. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { signPolicies } from "../../support/signPolicies.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";

const disposer = createDisposer();
let shop: Bookshop;
let local: TestGateway;
let production: TestGateway;

beforeAll(async () => {
  shop = disposer.use(await startBookshop());
  local = disposer.use(await startGateway(shop.sdl, { ATLAS_PROFILE: "local" }));
  production = disposer.use(
    await startGateway(shop.sdl, { ATLAS_CORS_ORIGINS: "https://console.example", ATLAS_REGION: "eu-west" }),
  );
});
afterAll(async () => disposer[Symbol.asyncDispose]());

const sandbox = "https://studio.apollographql.com";

describe("the landing page", () => {
  test("links GraphiQL and the Sandbox with this gateway's own address", async () => {
    const page = await (await fetch(`${local.url}/`)).text();
    expect(page).toContain('href="/graphiql"');
    const endpoint = encodeURIComponent(local.graphql);
    expect(page).toContain(`href="${sandbox}/sandbox/explorer?endpoint=${endpoint}"`);
  });

  test("offers no explorer in production", async () => {
    const page = await (await fetch(`${production.url}/`)).text();
    expect(page).toContain("Atlas gateway, eu-west");
    expect(page).not.toContain("graphiql");
    expect((await fetch(`${production.url}/graphiql`)).status).toBe(404);
  });

  test("writes no markup that came with the request", async () => {
    // fetch does not let a Host be chosen, and browsers do not either; other clients do.
    const { body } = await request(`${local.url}/`, { headers: { host: '"><script>alert(1)</script>' } });
    expect(await body.text()).not.toContain("<script>");
  });
});

describe("CORS", () => {
  const preflight = (gateway: TestGateway, origin: string) =>
    fetch(gateway.graphql, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, authorization",
      },
    });

  test.each([sandbox, "http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:1"])(
    "lets %s in, in the local profile",
    async (origin) => {
      const { headers } = await preflight(local, origin);
      expect(headers.get("access-control-allow-origin")).toBe(origin);
      expect(headers.get("access-control-allow-headers")).toContain("authorization");
      expect(headers.get("access-control-allow-credentials")).toBeNull();
    },
  );

  test.each([
    "https://evil.test",
    "http://localhost.evil.test",
    "https://studio.apollographql.com.evil.test",
    "null",
  ])("lets %s in nowhere", async (origin) => {
    for (const gateway of [local, production]) {
      const { headers } = await preflight(gateway, origin);
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("production lets in its list and nothing else", async () => {
    const allowed = async (origin: string) =>
      (await preflight(production, origin)).headers.get("access-control-allow-origin");
    expect(await allowed("https://console.example")).toBe("https://console.example");
    expect(await allowed(sandbox)).toBeNull();
    expect(await allowed("http://localhost:3000")).toBeNull();
  });

  test("answers carry the origin and say what they depend on", async () => {
    const { headers } = await postGraphql(local.graphql, { query: "{ __typename }" }, { origin: sandbox });
    expect(headers.get("access-control-allow-origin")).toBe(sandbox);
    expect(headers.get("access-control-expose-headers")).toContain("x-request-id");
    expect(headers.get("vary")?.toLowerCase().split(", ").sort()).toEqual([
      "accept",
      "accept-encoding",
      "origin",
    ]);
  });
});

test("CSRF: a GET that a page may have caused is refused before anything runs", async () => {
  const url = `${local.graphql}?query=${encodeURIComponent("{ books { isbn } }")}`;
  const before = shop.seen.headers.length;
  const browser = { "sec-fetch-site": "cross-site", "user-agent": "Mozilla/5.0" };
  const refused = await fetch(url, { headers: browser });
  expect([refused.status, await refused.json()]).toMatchObject([
    403,
    { errors: [{ extensions: { code: "CSRF_PREVENTED" } }] },
  ]);
  expect(shop.seen.headers.length).toBe(before);
  const asked = await fetch(url, { headers: { ...browser, "apollo-require-preflight": "true" } });
  expect(asked.status).toBe(200);
});

describe("health", () => {
  test("live says that the process answers", async () => {
    expect(await (await fetch(`${local.url}/health/live`)).json()).toEqual({ status: "alive" });
  });

  test("ready says what is loaded and how each subgraph is", async () => {
    const response = await fetch(`${production.url}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: "ready",
      region: "eu-west",
      supergraph: { id: expect.stringMatching(/^[0-9a-f]{64}$/), absent: [] },
      policies: null,
      shadowPolicies: null,
      decisions: null,
      subgraphs: { books: { state: "up", circuit: "closed" }, reviews: { state: "up", circuit: "closed" } },
    });
  });

  test("a subgraph that is down degrades the gateway, which still serves the rest", async () => {
    const lonely = await startGateway(shop.sdl, { ATLAS_ROUTING_URLS: "reviews=http://127.0.0.1:9/graphql" });
    const ready = await fetch(`${lonely.url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      {
        status: "degraded",
        subgraphs: { books: { state: "up" }, reviews: { state: "down", code: "SUBGRAPH_UNAVAILABLE" } },
      },
    ]);
    expect(await postGraphql(lonely.graphql, { query: "{ book(isbn: 1) { title stars } }" })).toMatchObject({
      status: 200,
      data: { book: { title: "Dune", stars: null } },
      errors: [{ path: ["book", "stars"], extensions: { code: "SUBGRAPH_UNAVAILABLE" } }],
    });
    await lonely[Symbol.asyncDispose]();
  });

  test("a subgraph that keeps failing is not called for a while, which health and metrics tell", async () => {
    const transport = { reviews: { circuit: { callsMin: 3, openMs: 60_000 }, retry: { attemptsMax: 0 } } };
    const lonely = await startGateway(shop.sdl, {
      ATLAS_ROUTING_URLS: "reviews=http://127.0.0.1:9/graphql",
      ATLAS_SUBGRAPH_TRANSPORT: JSON.stringify(transport),
    });
    const ask = () => postGraphql(lonely.graphql, { query: "{ book(isbn: 1) { title stars } }" });
    for (let count = 0; count < 3; count += 1) await ask();
    expect((await ask()).errors).toMatchObject([
      {
        message: expect.stringContaining("is not called for a moment"),
        extensions: { code: "SUBGRAPH_UNAVAILABLE" },
      },
    ]);
    expect(await (await fetch(`${lonely.url}/health/ready`)).json()).toMatchObject({
      status: "degraded",
      subgraphs: { books: { circuit: "closed" }, reviews: { state: "down", circuit: "open" } },
    });
    expect(await (await fetch(`${lonely.url}/metrics`)).text()).toContain(
      'atlas_gateway_subgraph_circuit_state{subgraph="reviews"} 2',
    );
    await lonely[Symbol.asyncDispose]();
  });

  test("names the policies that are in force", async () => {
    const signed = await signPolicies();
    const guarded = await startGateway(shop.sdl, signed.environment);
    const { policies } = (await (await fetch(`${guarded.url}/health/ready`)).json()) as { policies: unknown };
    expect(policies).toEqual({
      revision: "2026-01-01T00:00:00Z",
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await (await fetch(`${guarded.url}/metrics`)).text()).toContain(
      `atlas_gateway_policy_revision_timestamp_seconds ${Date.parse("2026-01-01T00:00:00Z") / 1000}`,
    );
    await guarded[Symbol.asyncDispose]();
    await signed[Symbol.asyncDispose]();
  });
});

describe("metrics", () => {
  const scrape = async () => (await fetch(`${production.url}/metrics`)).text();

  test("count requests, errors, subgraph calls and cache look-ups, and hold no text of an operation", async () => {
    const query = "query Secretive { books { isbn stars } }";
    await postGraphql(production.graphql, { query });
    await postGraphql(production.graphql, { query });
    await postGraphql(production.graphql, { query: "{ nonsense }" });
    const text = await scrape();
    expect(text).toMatch(/atlas_gateway_requests_total\{transport="http",kind="query",status="200"\} \d/);
    expect(text).toMatch(/atlas_gateway_requests_total\{transport="http",kind="refused",status="400"\} \d/);
    expect(text).toMatch(/atlas_gateway_errors_total\{code="GRAPHQL_VALIDATION_FAILED"\} \d/);
    expect(text).toMatch(/subgraph_call_duration_seconds_count\{subgraph="reviews",outcome="ok"\} \d/);
    expect(text).toMatch(/atlas_gateway_cache_lookups_total\{cache="plan",result="hit"\} \d/);
    expect(text).toMatch(/process_resident_memory_bytes \d/);
    expect(text).not.toMatch(/Secretive|isbn/);
  });
});

test("a client that leaves takes its calls of subgraphs with it", async () => {
  const client = new AbortController();
  const leaving = postSlow(client.signal);
  setTimeout(() => client.abort(), 200);
  await expect(leaving).rejects.toThrow("aborted");
  const startedAt = Date.now();
  const cancelled = 'subgraph_call_duration_seconds_count{subgraph="books",outcome="cancelled"} 1';
  while (!(await (await fetch(`${production.url}/metrics`)).text()).includes(cancelled)) {
    if (Date.now() - startedAt > 2_000) throw new Error("Expected the call to be cancelled within 2 s.");
  }
});

function postSlow(signal: AbortSignal): Promise<Response> {
  return fetch(production.graphql, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ slow(ms: 3000) }" }),
    signal,
  });
}

describe("a request's id", () => {
  const idOf = async (id: string) =>
    (await postGraphql(production.graphql, { query: "{ __typename }" }, { "x-request-id": id })).headers.get(
      "x-request-id",
    );

  test("is the client's own when it is short and plain, and reaches the subgraphs", async () => {
    const headers = {
      "x-request-id": "client-request-1",
      traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    };
    const answer = await postGraphql(production.graphql, { query: "{ books { isbn } }" }, headers);
    expect(answer.headers.get("x-request-id")).toBe("client-request-1");
    const seen = shop.seen.headers.at(-1);
    expect(seen).toMatchObject({
      "x-request-id": "client-request-1",
      traceparent: expect.stringMatching(`^00-${"a".repeat(32)}-[0-9a-f]{16}-01$`),
    });
    expect(seen?.traceparent).not.toContain("b".repeat(16));
  });

  test.each(["short", "with spaces in it", 'quote"quote"quote', "x".repeat(65), "user@example.com"])(
    "is a new one instead of %p",
    async (id) => expect(await idOf(id)).toMatch(/^[0-9a-f-]{36}$/),
  );
});

describe("the log", () => {
  test("has one event a request, with what helps and nothing that is private", async () => {
    const query =
      'query FindBook($isbn: ID!) { book(isbn: $isbn) { title } mine: book(isbn: "private-literal") { isbn } }';
    await postGraphql(
      production.graphql,
      { query, variables: { isbn: "private-variable" } },
      { "x-request-id": "logged-request-1", authorization: "Bearer private-token", cookie: "private-cookie" },
    );
    const lines = production.log.filter((line) => line.includes("logged-request-1"));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: "info",
        time: expect.any(String),
        service: "gateway",
        region: "eu-west",
        requestId: "logged-request-1",
        transport: "http",
        status: 200,
        durationMs: expect.any(Number),
        operationKind: "query",
        operationName: "FindBook",
        msg: "request answered",
      },
    ]);
    expect(production.log.join("\n")).not.toMatch(/private-|Dune/);
  });

  test("keeps the text of a subgraph's fault to the local profile, and its place in both", async () => {
    const ask = (gateway: TestGateway) => postGraphql(gateway.graphql, { query: "{ broken }" });
    expect((await ask(local)).errors).toMatchObject([
      { message: expect.stringContaining("10.0.0.7"), path: ["broken"] },
    ]);
    const { errors } = await ask(production);
    expect(errors).toMatchObject([
      { message: "A subgraph reported an error.", path: ["broken"], extensions: { code: "SUBGRAPH_ERROR" } },
    ]);
    expect(production.log.join("\n")).not.toContain("10.0.0.7");
  });
});
