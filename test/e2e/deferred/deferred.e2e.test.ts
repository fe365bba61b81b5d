/** `@defer` as clients meet it: real subgraphs of which one is held back, and the readers that clients use. */
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { createDisposer } from "../../support/createDisposer.ts";
import { createGate } from "../../support/createGate.ts";
import { eventually } from "../../support/eventually.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { signPolicies } from "../../support/signPolicies.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { startTestIssuer } from "../../support/startTestIssuer.ts";

const disposer = createDisposer();
/** In front of the reviews subgraph. */
const gate = createGate();
let lost: string | undefined;
let shop: Bookshop;
let gateway: TestGateway;

async function beforeReview(isbn: string): Promise<void> {
  await gate.pass();
  if (isbn === lost) throw new Error(`the review of ${isbn} is lost`);
}

beforeAll(async () => {
  shop = disposer.use(await startBookshop({ beforeReview }));
  gateway = disposer.use(await startGateway(shop.sdl));
});
afterAll(async () => disposer[Symbol.asyncDispose]());
beforeEach(() => {
  gate.open();
  lost = undefined;
});

const query = '{ books { title ... on Book @defer(label: "stars") { stars } } }';
const multipart = "multipart/mixed;deferSpec=20220824, application/json";
const first = { data: { books: [{ title: "Dune" }, { title: "Emma" }] }, hasNext: true };
const late = {
  incremental: [
    { path: ["books", 0], label: "stars", data: { stars: 5 } },
    { path: ["books", 1], label: "stars", data: { stars: 4 } },
  ],
  hasNext: false,
};
const whole = {
  data: {
    books: [
      { title: "Dune", stars: 5 },
      { title: "Emma", stars: 4 },
    ],
  },
};

function open(accept: string | undefined, source = query, signal?: AbortSignal): Promise<Response> {
  return fetch(gateway.graphql, {
    method: "POST",
    headers: { "content-type": "application/json", ...(accept === undefined ? {} : { accept }) },
    body: JSON.stringify({ query: source }),
    ...(signal ? { signal } : {}),
  });
}

describe("over multipart HTTP", () => {
  test("what is not deferred comes while the rest is still held back", async () => {
    gate.shut();
    const response = await open(multipart);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe('multipart/mixed;boundary="-";deferSpec=20220824');
    const parts = readText(response);
    expect(await parts.until("\r\n---", 2)).toBe(
      `\r\n---\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(first)}\r\n---`,
    );
    await eventually(() => expect(gate.held()).toBe(2));
    gate.open();
    expect(await parts.rest()).toBe(
      `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(late)}\r\n-----\r\n`,
    );
  });

  test("parts are announced and completed for a client that asks for the later form", async () => {
    const response = await open("multipart/mixed;incrementalSpec=v0.2");
    expect(response.headers.get("content-type")).toBe('multipart/mixed;boundary="-";incrementalSpec=v0.2');
    const pending = [0, 1].map((at) => ({ id: String(at), path: ["books", at], label: "stars" }));
    expect(await readParts(response)).toEqual([
      { ...first, pending },
      {
        incremental: [
          { id: "0", data: { stars: 5 } },
          { id: "1", data: { stars: 4 } },
        ],
        completed: [{ id: "0" }, { id: "1" }],
        hasNext: false,
      },
    ]);
  });

  test.each([
    ["a client that names no parameter, as urql does", "application/json, multipart/mixed"],
    ["a client that accepts nothing else", "multipart/mixed;deferSpec=20220824"],
  ])("%s gets parts with paths", async (_title, accept) => {
    expect(await readParts(await open(accept))).toEqual([first, late]);
  });

  test("an operation by GET comes in parts too", async () => {
    const url = `${gateway.graphql}?query=${encodeURIComponent(query)}`;
    const response = await fetch(url, { headers: { accept: multipart, "apollo-require-preflight": "1" } });
    expect(await readParts(response)).toEqual([first, late]);
  });

  test("nothing is sent in parts where nothing is late", async () => {
    const source = "{ books { title ... @defer(if: false) { stars } } }";
    const response = await open(multipart, source);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await response.json()).toEqual(whole);
  });
});

describe.each([
  ["without an accept header", undefined],
  ["that accepts JSON", "application/json"],
  ["that accepts GraphQL's JSON", "application/graphql-response+json"],
  ["that accepts anything", "*/*"],
  ["that reads subscriptions in parts alone", "multipart/mixed;subscriptionSpec=1.0, application/json"],
  ["that refuses multipart", "multipart/mixed;q=0, application/json"],
])("a client %s", (_title, accept) => {
  test("gets the whole answer at once", async () => {
    const response = await open(accept);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/json; charset=utf-8$/);
    expect(await response.json()).toEqual(whole);
  });
});

describe("Apollo Client", () => {
  test.each([
    ["deferSpec=20220824", () => new Defer20220824Handler()],
    ["incrementalSpec=v0.2", () => new GraphQL17Alpha9Handler()],
  ])("shows what is there, then the rest: %s", async (_spec, createHandler) => {
    gate.shut();
    const client = new ApolloClient({
      link: new HttpLink({ uri: gateway.graphql }),
      cache: new InMemoryCache(),
      // Either is one; exactOptionalPropertyTypes tells an undefined of theirs apart from what they declare.
      incrementalHandler: createHandler() as Defer20220824Handler,
    });
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve, reject) => {
      const observer = client.watchQuery({ query: gql(query), fetchPolicy: "no-cache" });
      observer.subscribe({
        next: ({ data, dataState, networkStatus }) => {
          if (dataState === "empty") return;
          seen.push(JSON.parse(JSON.stringify(data)));
          if (dataState === "streaming") gate.open();
          if (dataState === "complete" && networkStatus === 7) resolve();
        },
        error: reject,
      });
    });
    await done;
    expect(seen.at(0)).toMatchObject({ books: [{ title: "Dune" }, { title: "Emma" }] });
    expect(JSON.stringify(seen.at(0))).not.toContain("stars");
    expect(seen.at(-1)).toMatchObject(whole.data);
    client.stop();
  });
});

describe("over server-sent events", () => {
  test("each payload is an event, and the last completes", async () => {
    gate.shut();
    const response = await open("text/event-stream");
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const events = readText(response);
    const start = await events.until("\n\n", 2);
    expect(start).toBe(`:\n\nevent: next\ndata: ${JSON.stringify(first)}\n\n`);
    gate.open();
    expect(await events.rest()).toBe(
      `event: next\ndata: ${JSON.stringify(late)}\n\nevent: complete\ndata:\n\n`,
    );
  });
});

describe("over graphql-transport-ws", () => {
  test("each payload is a message", async () => {
    const client = createClient({ url: gateway.socket, webSocketImpl: WebSocket, retryAttempts: 0 });
    const payloads: unknown[] = [];
    for await (const payload of client.iterate({ query })) payloads.push(payload);
    expect(payloads).toEqual([first, late]);
    await client.dispose();
  });

  test("a client that completes early stops what is still asked of subgraphs", async () => {
    gate.shut();
    const before = shop.leftEarly();
    const client = createClient({ url: gateway.socket, webSocketImpl: WebSocket, retryAttempts: 0 });
    const payloads = client.iterate({ query });
    expect((await payloads.next()).value).toEqual(first);
    await eventually(() => expect(gate.held()).toBe(2));
    await payloads.return?.();
    await eventually(() => expect(shop.leftEarly()).toBe(before + 1));
    expect((await client.iterate({ query: "{ books { title } }" }).next()).value).toEqual({
      data: first.data,
    });
    await client.dispose();
  });
});

describe("one answer in several parts", () => {
  test("is counted and logged when its last part has gone", async () => {
    const counted = async () => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      const line = text
        .split("\n")
        .find((one) => one.startsWith('atlas_gateway_requests_total{transport="multipart'));
      return Number(line?.split(" ")[1] ?? 0);
    };
    const before = await counted();
    gate.shut();
    const parts = readText(await open(multipart));
    await parts.until("\r\n---", 2);
    expect(await counted()).toBe(before);
    gate.open();
    await parts.rest();
    await eventually(async () => expect(await counted()).toBe(before + 1));
  });

  test("stops asking subgraphs when its client leaves", async () => {
    gate.shut();
    const before = shop.leftEarly();
    const controller = new AbortController();
    const parts = readText(await open(multipart, query, controller.signal));
    await parts.until("\r\n---", 2);
    await eventually(() => expect(gate.held()).toBe(2));
    controller.abort();
    await eventually(() => expect(shop.leftEarly()).toBe(before + 1));
  });

  test("is finished by a gateway that stops", async () => {
    await using stopping = await startGateway(shop.sdl, { ATLAS_DRAIN_TIMEOUT_MS: "20000" });
    gate.shut();
    const response = await fetch(stopping.graphql, {
      method: "POST",
      headers: { "content-type": "application/json", accept: multipart },
      body: JSON.stringify({ query }),
    });
    const parts = readText(response);
    await parts.until("\r\n---", 2);
    const stopped = stopping.close();
    gate.open();
    expect(await parts.rest()).toContain(JSON.stringify(late));
    await stopped;
  });
});

describe("what fails in a deferred fragment", () => {
  test("is told with that part, by the index of its object", async () => {
    lost = "2";
    expect(await readParts(await open(multipart))).toEqual([
      first,
      {
        incremental: [
          { path: ["books", 0], label: "stars", data: { stars: 5 } },
          {
            path: ["books", 1],
            label: "stars",
            data: { stars: null },
            errors: [expect.objectContaining({ path: ["books", 1] })],
          },
        ],
        hasNext: false,
      },
    ]);
  });

  test("is what a subgraph's deadline ends, too", async () => {
    await using impatient = await startGateway(shop.sdl, {
      ATLAS_SUBGRAPH_TRANSPORT: JSON.stringify({ reviews: { timeoutMs: 300, retry: { attemptsMax: 1 } } }),
    });
    gate.shut();
    const response = await fetch(impatient.graphql, {
      method: "POST",
      headers: { "content-type": "application/json", accept: multipart },
      body: JSON.stringify({ query: '{ book(isbn: "1") { title ... @defer { stars } } }' }),
    });
    expect(await readParts(response)).toEqual([
      { data: { book: { title: "Dune" } }, hasNext: true },
      {
        incremental: [
          {
            path: ["book"],
            data: { stars: null },
            errors: [
              expect.objectContaining({ path: ["book", "stars"], extensions: { code: "SUBGRAPH_TIMEOUT" } }),
            ],
          },
        ],
        hasNext: false,
      },
    ]);
    gate.open();
  });
});

describe("what a policy denies in a deferred fragment", () => {
  let guarded: TestGateway;
  let token: string;
  beforeAll(async () => {
    const issuer = disposer.use(await startTestIssuer());
    const ruled = disposer.use(
      await startBookshop({
        extraSdl: `extend type Book {
          margin: Int @policy(policies: [["administration"]])
          cost: Int! @policy(policies: [["administration"]])
        }`,
        beforeReview,
      }),
    );
    const policies = disposer.use(await signPolicies());
    token = await issuer.tokenFor();
    guarded = disposer.use(
      await startGateway(ruled.sdl, {
        ATLAS_CONTEXT_SECRET: Buffer.alloc(32, 1).toString("base64url"),
        ATLAS_ISSUER: issuer.identity.issuer,
        ATLAS_AUDIENCE: issuer.identity.audience,
        ATLAS_JWKS_URL: issuer.identity.jwksUrl,
        ...policies.environment,
      }),
    );
  });
  const ask = async (source: string) =>
    readParts(
      await fetch(guarded.graphql, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: multipart,
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ query: source }),
      }),
    );
  const denied = (name: string) =>
    expect.objectContaining({
      path: ["book", name],
      extensions: expect.objectContaining({ code: "UNAUTHORIZED_FIELD_OR_TYPE" }),
    });

  test("is null there, with the error in that part, and is not asked of anybody", async () => {
    const source = '{ book(isbn: "1") { title ... @defer { stars margin } } }';
    expect(await ask(source)).toEqual([
      { data: { book: { title: "Dune" } }, hasNext: true },
      {
        incremental: [{ path: ["book"], data: { stars: 5, margin: null }, errors: [denied("margin")] }],
        hasNext: false,
      },
    ]);
  });

  test("takes its part alone where it may not be null", async () => {
    const source = '{ book(isbn: "1") { title ... @defer { stars cost } } }';
    expect(await ask(source)).toEqual([
      { data: { book: { title: "Dune" } }, hasNext: true },
      { incremental: [{ path: ["book"], data: null, errors: [denied("cost")] }], hasNext: false },
    ]);
  });

  test("makes parts below it superfluous where it is not deferred", async () => {
    const source =
      '{ book(isbn: "1") { cost ... @defer { stars } } other: book(isbn: "2") { ... @defer { stars } } }';
    expect(await ask(source)).toEqual([
      { data: { book: null, other: {} }, errors: [denied("cost")], hasNext: true },
      { incremental: [{ path: ["other"], data: { stars: 4 } }], hasNext: false },
    ]);
  });
});

describe("refused", () => {
  test.each([
    [
      "@stream, which this gateway does not have",
      "{ books @stream { title } }",
      /Unknown directive "@stream"/,
    ],
    [
      "the root of a mutation",
      'mutation { ... @defer { rename(isbn: "1", title: "x") { title } } }',
      /no @defer at the root of a mutation/,
    ],
    ["a subscription", "subscription { bookAdded { ... @defer { stars } } }", /no @defer in a subscription/],
    [
      "a label twice",
      '{ books { ... @defer(label: "a") { stars } ... @defer(label: "a") { title } } }',
      /a label of its own/,
    ],
    [
      "a label from a variable",
      "query ($l: String) { books { ... @defer(label: $l) { stars } } }",
      /label of @defer to be a text, got a variable/,
    ],
  ])("%s", async (_title, source, message) => {
    const { status, errors } = await postGraphql(gateway.graphql, { query: source });
    expect(status).toBe(400);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(message),
      extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
    });
  });
});

/** Reads a body as it comes. */
function readText({ body }: Response) {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let read = "";
  let taken = 0;
  const more = async () => {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    read += value ?? "";
    return !done;
  };
  const take = (end: number) => {
    const text = read.slice(taken, end);
    taken = end;
    return text;
  };
  return {
    /** Up to and with the n-th of these. */
    until: async (mark: string, count: number) => {
      for (;;) {
        const at = endOf(read, mark, count);
        if (at > 0) return take(at);
        if (!(await more())) throw new Error(`the body ended without ${JSON.stringify(mark)}: ${read}`);
      }
    },
    rest: async () => {
      while (await more());
      return take(read.length);
    },
  };
}

function endOf(text: string, mark: string, count: number): number {
  let at = 0;
  for (let seen = 0; seen < count; seen += 1) {
    const found = text.indexOf(mark, at);
    if (found < 0) return -1;
    at = found + mark.length;
  }
  return at;
}

async function readParts(response: Response): Promise<unknown[]> {
  const text = await readText(response).rest();
  expect(response.headers.get("content-type")).toMatch(/^multipart\/mixed/);
  return text
    .split("\r\n---")
    .slice(1, -1)
    .map((part) => JSON.parse(part.slice(part.indexOf("\r\n\r\n"))));
}
