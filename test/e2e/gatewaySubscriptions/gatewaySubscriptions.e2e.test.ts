/** Subscriptions through the gateway, over both transports: events, tokens, clients that leave, and a subgraph that does. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { createDisposer } from "../../support/createDisposer.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { startTestIssuer, type TestIssuer } from "../../support/startTestIssuer.ts";

const disposer = createDisposer();
let shop: Bookshop;
let gateway: TestGateway;
let issuer: TestIssuer;

beforeAll(async () => {
  shop = disposer.use(await startBookshop());
  issuer = disposer.use(await startTestIssuer());
  gateway = disposer.use(
    await startGateway(shop.sdl, {
      ATLAS_CONTEXT_SECRET: Buffer.alloc(32, 1).toString("base64url"),
      ATLAS_ISSUER: issuer.identity.issuer,
      ATLAS_AUDIENCE: issuer.identity.audience,
      ATLAS_JWKS_URL: issuer.identity.jwksUrl,
      ATLAS_PROFILE: "local",
    }),
  );
});
afterAll(async () => disposer[Symbol.asyncDispose]());

/** Title from the owning subgraph, stars from the other. */
const query = "subscription Added { bookAdded { title stars } }";
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

describe("over graphql-transport-ws", () => {
  test("each event is completed by the other subgraph", async () => {
    await using client = openClient({});
    const events = client.iterate({ query });
    const first = events.next();
    await subscribed(1);
    shop.addBook("Ulysses");
    expect((await first).value).toEqual({ data: { bookAdded: { title: "Ulysses", stars: 5 } } });
    await events.return?.();
    await subscribed(0);
  });

  test("queries and mutations answer on the same socket, errors with their code", async () => {
    await using client = openClient({});
    expect((await client.iterate({ query: "{ book(isbn: 2) { stars } }" }).next()).value).toEqual({
      data: { book: { stars: 4 } },
    });
    const renamed = 'mutation { rename(isbn: "1", title: "x") { title } }';
    expect((await client.iterate({ query: renamed }).next()).value).toEqual({
      data: { rename: { title: "x" } },
    });
    await expect(client.iterate({ query: "{ nonsense }" }).next()).rejects.toMatchObject([
      { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
    ]);
  });

  test("the hundred and first operation on one socket is refused, and the others go on", async () => {
    await using client = openClient({});
    const subscriptions = Array.from({ length: 100 }, () => client.iterate({ query }));
    const firsts = subscriptions.map((events) => events.next());
    await subscribed(100);
    await expect(client.iterate({ query }).next()).rejects.toMatchObject([
      { extensions: { code: "RATE_LIMITED" } },
    ]);
    shop.addBook("Ulysses");
    const [first] = await Promise.all(firsts);
    expect(first?.value).toEqual({ data: { bookAdded: { title: "Ulysses", stars: 5 } } });
    await Promise.all(subscriptions.map((events) => events.return?.()));
    await subscribed(0);
  });

  test("the subgraph gets a signed context with each subscription", async () => {
    await using client = openClient({ authorization: `Bearer ${await issuer.tokenFor()}` });
    const before = shop.seen.extensions.length;
    const events = client.iterate({ query });
    const first = events.next();
    await subscribed(1);
    shop.addBook("x");
    await first;
    const context = Reflect.get(Object(shop.seen.extensions[before]), "atlas-context");
    const claims = JSON.parse(Buffer.from(String(context).split(".")[1] ?? "", "base64url").toString());
    expect(claims).toMatchObject({ aud: "books", sub: "test-analyst", anonymous: false });
    await events.return?.();
  });

  test.each([
    ["nonsense", async () => "Bearer nonsense"],
    ["an expired token", async () => `Bearer ${await issuer.tokenFor({ exp: inSeconds(-120) })}`],
  ])("%s in connection_init closes the socket with 4401", async (_title, authorization) => {
    await using client = openClient({ Authorization: await authorization() });
    await expect(client.iterate({ query: "{ __typename }" }).next()).rejects.toMatchObject({
      code: 4401,
      reason: "UNAUTHENTICATED",
    });
  });

  test("a token may come with the upgrade, as clients outside browsers send it", async () => {
    const headers = { authorization: "Bearer nonsense" };
    const socket = new WebSocket(gateway.socket, "graphql-transport-ws", { headers });
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init" })));
    expect(await closeCode(socket)).toBe(4401);
  });

  test("a token that expires ends its subscriptions with an error and the socket with 4401", async () => {
    // 60 s of leeway are over in one.
    const token = await issuer.tokenFor({ exp: inSeconds(-58) });
    const closed: unknown[] = [];
    await using client = openClient({ authorization: `Bearer ${token}` }, (event) => closed.push(event));
    await expect(client.iterate({ query }).next()).rejects.toMatchObject([
      { extensions: { code: "UNAUTHENTICATED" } },
    ]);
    await eventually(() => expect(closed).toMatchObject([{ code: 4401 }]));
    await subscribed(0);
  });

  test("a client that leaves leaves nothing behind", async () => {
    const client = openClient({});
    const events = client.iterate({ query });
    void events.next().catch(() => {});
    await subscribed(1);
    client.terminate();
    await subscribed(0);
    await eventually(async () => expect(await metric("atlas_gateway_active_subscriptions")).toContain(" 0"));
  });

  test("a client that stops reading is let go before its events fill the memory", async () => {
    const socket = new WebSocket(gateway.socket, "graphql-transport-ws");
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init" })));
    socket.once("message", () => {
      socket.send(JSON.stringify({ type: "subscribe", id: "1", payload: { query } }));
      socket.pause();
    });
    await subscribed(1);
    const title = "x".repeat(50_000);
    await eventually(() => {
      for (let event = 0; event < 200; event += 1) shop.addBook(title);
      expect(shop.subscribers()).toBe(0);
    });
    socket.terminate();
  });

  test("a subgraph that loses its connections is subscribed to again, with a new context", async () => {
    await using client = openClient({});
    const before = shop.seen.extensions.length;
    const events = client.iterate({ query });
    const first = events.next();
    await subscribed(1);
    shop.cutBooks();
    await eventually(() => expect(shop.seen.extensions.length).toBe(before + 2));
    await subscribed(1);
    shop.addBook("after");
    expect((await first).value).toMatchObject({ data: { bookAdded: { title: "after" } } });
    const [old, renewed] = shop.seen.extensions.slice(before).map((sent) => JSON.stringify(sent));
    expect(renewed).not.toBe(old);
    await events.return?.();
  });

  test("a page of another origin cannot open a socket, one that is allowed can", async () => {
    expect(await upgrade({ origin: "https://evil.test" })).toBe(403);
    expect(await upgrade({ origin: "https://studio.apollographql.com" })).toBe(101);
    expect(await upgrade({ origin: gateway.url })).toBe(101);
    expect(await upgrade({})).toBe(101);
  });

  test("a socket without the protocol is refused with 4406, a message over the limit with 1009", async () => {
    expect(await closeCode(new WebSocket(gateway.socket))).toBe(4406);
    const large = new WebSocket(gateway.socket, "graphql-transport-ws");
    large.on("open", () => large.send("x".repeat(2_000_000)));
    expect(await closeCode(large)).toBe(1009);
  });

  test("operations before connection_init are refused with 4401, nonsense with 4400", async () => {
    const early = new WebSocket(gateway.socket, "graphql-transport-ws");
    early.on("open", () => early.send(JSON.stringify({ type: "subscribe", id: "1", payload: { query } })));
    expect(await closeCode(early)).toBe(4401);
    const broken = new WebSocket(gateway.socket, "graphql-transport-ws");
    broken.on("open", () => broken.send("{"));
    expect(await closeCode(broken)).toBe(4400);
  });
});

describe("over server-sent events", () => {
  const open = (body: unknown, headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal) =>
    fetch(gateway.graphql, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream", ...headers },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });

  test("events arrive as they happen and stop when the client leaves", async () => {
    const controller = new AbortController();
    const response = await open({ query }, {}, controller.signal);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    await subscribed(1);
    shop.addBook("Middlemarch");
    expect(await readEvent(response)).toBe(
      ':\n\nevent: next\ndata: {"data":{"bookAdded":{"title":"Middlemarch","stars":5}}}\n\n',
    );
    controller.abort();
    await subscribed(0);
  });

  test("a query is one event and the end", async () => {
    const response = await open({ query: "{ book(isbn: 1) { stars } }" });
    expect(await response.text()).toBe(
      ':\n\nevent: next\ndata: {"data":{"book":{"stars":5}}}\n\nevent: complete\ndata:\n\n',
    );
  });

  test("a subscription that is not valid is one event with its errors", async () => {
    const response = await open({ query: "subscription { nonsense }" });
    expect(await response.text()).toContain('"code":"GRAPHQL_VALIDATION_FAILED"');
  });

  test("a gateway that stops ends its streams with an error", async () => {
    const stopping = await startGateway(shop.sdl);
    const response = await fetch(stopping.graphql, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ query }),
    });
    await subscribed(1);
    await stopping[Symbol.asyncDispose]();
    expect(await response.text()).toMatch(/"code":"SHUTTING_DOWN".*\n\nevent: complete\ndata:\n\n$/);
    await subscribed(0);
  });

  test("a token that expires ends the stream with an error", async () => {
    const token = await issuer.tokenFor({ exp: inSeconds(-58) });
    const response = await open({ query }, { authorization: `Bearer ${token}` });
    const text = await response.text();
    expect(text).toContain('event: next\ndata: {"errors":[{"message":"The token has expired."');
    expect(text).toMatch(/event: complete\ndata:\n\n$/);
    await subscribed(0);
  });
});

describe("over multipart HTTP", () => {
  const accept = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json';
  const open = (body: unknown, headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal) =>
    fetch(gateway.graphql, {
      method: "POST",
      headers: { "content-type": "application/json", accept, ...headers },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  const part = (content: string) => `\r\ncontent-type: application/json\r\n\r\n${content}\r\n--graphql`;

  test("each event is a part that a client can read at once, and stops when the client leaves", async () => {
    const controller = new AbortController();
    const response = await open({ query }, {}, controller.signal);
    expect(response.headers.get("content-type")).toBe(
      'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    );
    await subscribed(1);
    shop.addBook("Persuasion");
    const reader = response.body?.getReader();
    let text = "";
    while (!text.includes("Persuasion")) {
      text += Buffer.from((await reader?.read())?.value ?? []).toString();
    }
    expect(text).toBe(
      `\r\n--graphql${part("{}")}${part('{"payload":{"data":{"bookAdded":{"title":"Persuasion","stars":5}}}}')}`,
    );
    controller.abort();
    await subscribed(0);
  });

  test("a query is answered in JSON", async () => {
    const response = await open({ query: "{ book(isbn: 1) { stars } }" });
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await response.json()).toEqual({ data: { book: { stars: 5 } } });
  });

  test("without the version of the protocol a subscription is refused", async () => {
    const response = await open({ query }, { accept: "multipart/mixed, application/json" });
    expect(response.status).toBe(406);
  });

  test("a token that expires ends the stream with an error of the transport", async () => {
    const token = await issuer.tokenFor({ exp: inSeconds(-58) });
    const response = await open({ query }, { authorization: `Bearer ${token}` });
    expect(await response.text()).toMatch(
      /"payload":null,"errors":\[.*UNAUTHENTICATED.*\r\n--graphql--\r\n$/,
    );
    await subscribed(0);
  });
});

type DisposableClient = Client & AsyncDisposable;

function openClient(
  connectionParams: Record<string, unknown>,
  onClosed?: (event: unknown) => void,
): DisposableClient {
  const client = createClient({
    url: gateway.socket,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
    ...(onClosed ? { on: { closed: onClosed } } : {}),
  });
  return { ...client, [Symbol.asyncDispose]: async () => client.dispose() };
}

async function subscribed(count: number): Promise<void> {
  await eventually(() => expect(shop.subscribers()).toBe(count));
}

/** Checks again and again for five seconds. */
async function eventually(check: () => void | Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await check();
    } catch (thrown) {
      if (attempt === 100) throw thrown;
      await sleep(50);
    }
  }
}

async function metric(name: string): Promise<string> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return text.split("\n").find((line) => line.startsWith(`${name}{transport="websocket"}`)) ?? "none";
}

function upgrade(headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(gateway.socket, "graphql-transport-ws", { headers });
    socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode));
    socket.on("open", () => {
      socket.close();
      resolve(101);
    });
    socket.on("error", () => {});
  });
}

function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on("close", resolve);
    socket.on("error", () => {});
  });
}

/** What has come by the end of the first event. */
async function readEvent({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  let text = "";
  while (reader && !/data: .+\n\n$/.test(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  reader?.releaseLock();
  return text;
}
