/** What a gateway answers to requests that are wrong: the status and code of the specification, at once, and it lives on. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { startTestIssuer } from "../../support/startTestIssuer.ts";

const json = { "content-type": "application/json" };
const graphqlResponse = { ...json, accept: "application/graphql-response+json" };
const secret = "s3cr3t-of-the-caller";

type Case = {
  readonly title: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly search?: string;
  readonly body?: string | Uint8Array;
  readonly status: number;
  readonly code: string;
};

const query = (text: string, variables?: unknown) => JSON.stringify({ query: text, variables });
const deep = (levels: number) => `${"{ a ".repeat(levels)}${"}".repeat(levels)}`;
const manyFragments = Array.from(
  { length: 30 },
  (_, at) => `fragment F${at} on Book { ...F${at + 1} ...F${at + 1} x${at}: title }`,
).join(" ");

const cases: readonly Case[] = [
  { title: "malformed JSON", headers: json, body: `{"query": "${secret}`, status: 400, code: "BAD_REQUEST" },
  {
    title: "a body that is not UTF-8",
    headers: json,
    body: Buffer.from('{"query":"{ __typename }","operationName":"\xe9"}', "latin1"),
    status: 400,
    code: "BAD_REQUEST",
  },
  { title: "no body", headers: json, body: "", status: 400, code: "BAD_REQUEST" },
  {
    title: "a batch",
    headers: json,
    body: `[${query("{ books { isbn } }")}]`,
    status: 400,
    code: "BATCH_REFUSED",
  },
  {
    title: "another content type",
    headers: { "content-type": "text/plain" },
    body: query("{ __typename }"),
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
  },
  {
    title: "a form",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "query=%7B__typename%7D",
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
  },
  {
    title: "another charset",
    headers: { "content-type": "application/json; charset=latin1" },
    body: query("{ __typename }"),
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
  },
  {
    title: "an accept header with nothing that is offered",
    headers: { ...json, accept: "application/xml" },
    body: query("{ __typename }"),
    status: 406,
    code: "NOT_ACCEPTABLE",
  },
  {
    title: "another method",
    method: "PUT",
    headers: json,
    body: "{}",
    status: 405,
    code: "METHOD_NOT_ALLOWED",
  },
  {
    title: "a mutation by GET",
    method: "GET",
    search: `?query=${encodeURIComponent('mutation { rename(isbn: "1", title: "x") { isbn } }')}`,
    status: 405,
    code: "METHOD_NOT_ALLOWED",
  },
  {
    title: "a syntax error",
    headers: graphqlResponse,
    body: query("{ books {"),
    status: 400,
    code: "GRAPHQL_PARSE_FAILED",
  },
  {
    title: "an unknown field",
    headers: graphqlResponse,
    body: query("{ books { isbm } }"),
    status: 400,
    code: "GRAPHQL_VALIDATION_FAILED",
  },
  {
    title: "an unknown field, asked in the older media type",
    headers: json,
    body: query("{ books { isbm } }"),
    status: 200,
    code: "GRAPHQL_VALIDATION_FAILED",
  },
  {
    title: "a missing variable",
    headers: graphqlResponse,
    body: query("query ($isbn: ID!) { book(isbn: $isbn) { title } }"),
    status: 400,
    code: "BAD_USER_INPUT",
  },
  {
    title: "a variable of another type",
    headers: graphqlResponse,
    body: query("query ($ms: Int!) { slow(ms: $ms) }", { ms: secret }),
    status: 400,
    code: "BAD_USER_INPUT",
  },
  {
    title: "null for a variable of a condition",
    headers: graphqlResponse,
    body: query("query ($all: Boolean = true) { books { title @include(if: $all) } }", { all: null }),
    status: 400,
    code: "BAD_USER_INPUT",
  },
  {
    title: "several operations and no name",
    headers: graphqlResponse,
    body: query("query A { __typename } query B { __typename }"),
    status: 400,
    code: "OPERATION_RESOLUTION_FAILED",
  },
  {
    title: "a body over the limit",
    headers: json,
    body: query(`{ __typename } # ${"x".repeat(2_000_000)}`),
    status: 413,
    code: "PAYLOAD_TOO_LARGE",
  },
  {
    title: "a query 100 levels deep",
    headers: json,
    body: query(deep(100)),
    status: 400,
    code: "OPERATION_TOO_LARGE",
  },
  {
    title: "a query 100,000 levels deep, which would overflow a parser's stack",
    headers: json,
    body: query(deep(100_000)),
    status: 400,
    code: "OPERATION_TOO_LARGE",
  },
  {
    title: "an argument nested 5,000 deep",
    headers: json,
    body: query(`{ book(isbn: ${"[".repeat(5_000)}${"]".repeat(5_000)}) { isbn } }`),
    status: 400,
    code: "OPERATION_TOO_LARGE",
  },
  {
    title: "10,000 aliases",
    headers: json,
    body: query(`{ ${Array.from({ length: 10_000 }, (_, at) => `a${at}: __typename`).join(" ")} }`),
    status: 400,
    code: "OPERATION_TOO_LARGE",
  },
  {
    title: "a mutation of 101 fields",
    headers: json,
    body: query(
      `mutation { ${Array.from({ length: 101 }, (_, at) => `m${at}: rename(isbn: "1", title: "x") { isbn }`).join(" ")} }`,
    ),
    status: 400,
    code: "OPERATION_TOO_LARGE",
  },
  {
    title: "fragments that double thirty times",
    headers: json,
    body: query(`{ books { ...F0 } } ${manyFragments} fragment F30 on Book { title }`),
    status: 400,
    code: "OPERATION_TOO_LARGE",
  },
  {
    title: "one field 3,000 times over",
    headers: json,
    body: query(`{ ${"__typename ".repeat(3_000)} }`),
    status: 400,
    code: "OPERATION_TOO_LARGE",
  },
  {
    title: "a fragment that spreads itself",
    headers: graphqlResponse,
    body: query("{ books { ...F } } fragment F on Book { title ...F }"),
    status: 400,
    code: "GRAPHQL_VALIDATION_FAILED",
  },
  {
    title: "a subscription without an event stream",
    headers: graphqlResponse,
    body: query("subscription { bookAdded { isbn } }"),
    status: 406,
    code: "NOT_ACCEPTABLE",
  },
  {
    title: "a token that is none",
    headers: { ...json, authorization: `Bearer ${secret}` },
    body: query("{ __typename }"),
    status: 401,
    code: "UNAUTHENTICATED",
  },
];

describe("a wrong request", () => {
  const disposer = createDisposer();
  let shop: Bookshop;
  let gateway: TestGateway;
  let expired: string;

  beforeAll(async () => {
    shop = disposer.use(await startBookshop());
    const issuer = disposer.use(await startTestIssuer());
    expired = await issuer.tokenFor({ exp: Math.floor(Date.now() / 1_000) - 120 });
    gateway = disposer.use(
      await startGateway(shop.sdl, {
        ATLAS_ISSUER: issuer.identity.issuer,
        ATLAS_AUDIENCE: issuer.identity.audience,
        ATLAS_JWKS_URL: issuer.identity.jwksUrl,
      }),
    );
    // The first of everything compiles, connects and fetches keys; what is measured is what a server does all day.
    for (const one of cases) await send(gateway, one);
    await send(gateway, withExpiredToken());
  });
  afterAll(async () => disposer[Symbol.asyncDispose]());

  const withExpiredToken = (): Case => ({
    title: "an expired token",
    headers: { ...json, authorization: `Bearer ${expired}` },
    body: query("{ __typename }"),
    status: 401,
    code: "UNAUTHENTICATED",
  });

  test.each(cases.map((one) => [one.title, one.status, one.code, one] as const))(
    "%s gets %i %s within 50 ms",
    async (_title, _status, _code, one) => expectRefusal(one),
  );
  test("an expired token gets 401 UNAUTHENTICATED within 50 ms", async () =>
    expectRefusal(withExpiredToken()));

  async function expectRefusal(one: Case): Promise<void> {
    // The machine may be busy with something else, the answer may not: one of many tries has to be as quick.
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3 || (best >= 50 && attempt < 60); attempt += 1) {
      const { status, codes, type, durationMs } = await send(gateway, one);
      expect({ status, codes: [...new Set(codes)] }).toEqual({ status: one.status, codes: [one.code] });
      expect(type).toMatch(/^application\/(graphql-response\+)?json; charset=utf-8$/);
      best = Math.min(best, durationMs);
    }
    expect(best).toBeLessThan(50);
  }

  test("suggests no names in production, where a caller may not know them", async () => {
    const { text } = await send(gateway, {
      title: "",
      headers: json,
      body: query("{ books { isbm } }"),
      status: 200,
      code: "",
    });
    expect(text).toContain("isbm");
    expect(text).not.toContain("Did you mean");
  });

  test("says which methods are expected", async () => {
    const response = await fetch(gateway.graphql, { method: "DELETE" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"]);
  });

  test("broken HTTP is refused", async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write("NOT HTTP AT ALL\r\n\r\n");
    const [bytes] = await once(socket, "data");
    socket.destroy();
    expect(String(bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("the process answers right requests after all of that", async () => {
    const response = await fetch(gateway.graphql, {
      method: "POST",
      headers: json,
      body: query("{ books { stars } }"),
    });
    expect(await response.json()).toEqual({ data: { books: [{ stars: 5 }, { stars: 4 }] } });
  });

  test("nothing of a request's content is in the log", () => {
    const log = gateway.log.join("\n");
    expect(log).toContain("request answered");
    expect(log).not.toContain(secret);
    expect(log).not.toContain(expired.slice(0, 20));
    expect(log).not.toContain("__typename");
    expect(log).not.toContain("test-analyst");
  });

  test("a name without end is cut off in the log", async () => {
    const name = `Long${"x".repeat(100_000)}`;
    await fetch(gateway.graphql, {
      method: "POST",
      headers: json,
      body: query(`query ${name} { __typename }`),
    });
    const line = gateway.log.find((text) => text.includes("Longxxx")) ?? "";
    expect([line.length > 0, line.length < 1_000]).toEqual([true, true]);
  });
});

let sent = 0;

/** Every document is a new one, so that no cache answers. */
function renew(body: Case["body"]): Case["body"] {
  sent += 1;
  return typeof body === "string" ? body.replace('{"query":"', `{"query":"#${sent}\\n`) : body;
}

async function send({ graphql }: TestGateway, one: Case) {
  const { method = "POST", search = "", headers } = one;
  const body = renew(one.body);
  const startedAt = performance.now();
  const init = { method, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
  const response = await fetch(graphql + search, init);
  const text = await response.text();
  const durationMs = performance.now() - startedAt;
  const { errors } = JSON.parse(text) as { errors: { extensions: { code: string } }[] };
  const codes = errors.map(({ extensions }) => extensions.code);
  return { status: response.status, type: response.headers.get("content-type"), text, durationMs, codes };
}
