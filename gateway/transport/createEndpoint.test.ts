/** What a call does on real sockets when its subgraph does not answer well. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import { withinScope } from "./callScope.ts";
import { createEndpoint, type Endpoint } from "./createEndpoint.ts";
import { selfSign } from "./testing/selfSign.ts";
import { createFindPolicy, type PolicyChanges } from "./transportPolicy.ts";

type Change = PolicyChanges[string];

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const request = { headers: { "content-type": "application/json" }, body: "{}" };
const quick: Change = { timeoutMs: 2_000, retry: { attemptsMax: 2, waitMs: 1, share: 1 } };

function open(url: string, change: Change = {}) {
  const repeated: string[] = [];
  const findPolicy = createFindPolicy({}, { "*": { ...quick, ...change } });
  const endpoint = createEndpoint({
    url,
    policy: findPolicy("any"),
    onRepeated: (kind) => repeated.push(kind),
  });
  closers.push(endpoint.close);
  return { endpoint, repeated };
}

async function serve(listener: RequestListener, change?: Change) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return { ...open(`http://127.0.0.1:${port}/graphql`, change), server };
}

function send(
  { send: sendTo, policy }: Endpoint,
  { isQuery = true, signal = new AbortController().signal } = {},
) {
  return withinScope({ timeoutMs: policy.timeoutMs, signal }, (scope) => sendTo(request, scope, isQuery));
}

/** Answers with one of these after the other, the last for ever. */
function inTurn(...listeners: readonly RequestListener[]) {
  let calls = 0;
  const listener: RequestListener = (incoming, response) => {
    calls += 1;
    listeners[Math.min(calls, listeners.length) - 1]?.(incoming, response);
  };
  return { listener, calls: () => calls };
}

const good: RequestListener = (_request, response) => response.end("good");
const reset: RequestListener = (incoming) => incoming.socket.destroy();
const status =
  (code: number, headers = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end("bad");

describe("a query is sent again", () => {
  test.each([
    ["502", status(502)],
    ["503", status(503)],
    ["504", status(504)],
    ["a connection that breaks before the answer", reset],
  ])("after %s", async (_title, first) => {
    const { listener, calls } = inTurn(first, good);
    const { endpoint, repeated } = await serve(listener);
    expect((await send(endpoint)).bytes.toString()).toBe("good");
    expect([calls(), repeated]).toEqual([2, ["retry"]]);
  });

  test("after a refused connection, when somebody listens again", async () => {
    const { endpoint, server } = await serve(good, { retry: { attemptsMax: 5, waitMs: 100, share: 1 } });
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    await new Promise((resolve) => server.close(resolve));
    const answer = send(endpoint);
    server.listen(port, "127.0.0.1");
    expect((await answer).bytes.toString()).toBe("good");
  });

  test("as often as it may be, and then has the last answer", async () => {
    const { listener, calls } = inTurn(status(503));
    const { endpoint } = await serve(listener);
    expect((await send(endpoint)).status).toBe(503);
    expect(calls()).toBe(3);
  });

  test("not before Retry-After, and not at all when that is after the deadline", async () => {
    const soon = inTurn(status(503, { "retry-after": "1" }), good);
    const { endpoint } = await serve(soon.listener);
    const startedAt = performance.now();
    expect((await send(endpoint)).bytes.toString()).toBe("good");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);

    const late = inTurn(status(503, { "retry-after": "60" }), good);
    const { endpoint: other } = await serve(late.listener);
    expect((await send(other)).status).toBe(503);
    expect(late.calls()).toBe(1);
  });

  test("only as a share of the traffic", async () => {
    const { listener, calls } = inTurn(status(503));
    const { endpoint } = await serve(listener, {
      retry: { attemptsMax: 2, waitMs: 1, share: 0.1 },
      circuit: { enabled: false },
    });
    for (let at = 0; at < 100; at += 1) await send(endpoint);
    // The reserve of ten, and one in ten.
    expect(calls() - 100).toBeLessThanOrEqual(20);
  });
});

describe("nothing is sent again", () => {
  test.each([
    ["a mutation that got a 503", status(503), false],
    ["a mutation whose connection broke", reset, false],
    ["a query that got a 500", status(500), true],
    ["a query that got a 429", status(429), true],
  ])("for %s", async (_title, first, isQuery) => {
    const { listener, calls } = inTurn(first, good);
    const { endpoint } = await serve(listener);
    await send(endpoint, { isQuery }).catch(() => {});
    expect(calls()).toBe(1);
  });

  test("once a byte of the answer is there", async () => {
    const { listener, calls } = inTurn((_request, response) => {
      response.write("go", () => response.destroy());
    }, good);
    const { endpoint } = await serve(listener);
    await expect(send(endpoint)).rejects.toMatchObject({ name: "ExchangeError", kind: "broken" });
    expect(calls()).toBe(1);
  });

  test("for a client that left during the wait", async () => {
    const { listener, calls } = inTurn(status(503, { "retry-after": "1" }), good);
    const { endpoint } = await serve(listener);
    const client = new AbortController();
    const answer = send(endpoint, { signal: client.signal });
    setTimeout(() => client.abort(), 100);
    await expect(answer).rejects.toMatchObject({ name: "CallEnded", kind: "left" });
    expect(calls()).toBe(1);
  });
});

describe("deadlines", () => {
  test.each<[string, Change, RequestListener, string]>([
    ["the headers", { headersTimeoutMs: 100 }, () => {}, "too-slow"],
    [
      "the next piece of the body",
      { bodyTimeoutMs: 100 },
      (_request, response) => response.write("go"),
      "too-slow",
    ],
    ["the whole", { timeoutMs: 100 }, trickle, "timeout"],
  ])("end a call that is too slow with %s", async (_title, change, listener, kind) => {
    const { endpoint } = await serve(listener, change);
    const startedAt = performance.now();
    await expect(send(endpoint)).rejects.toMatchObject({ kind });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  test("end a call whose handshake is not answered", async () => {
    const server = await serveTcp(() => {});
    const { endpoint } = open(server.replace("http", "https"), {
      connectTimeoutMs: 100,
      retry: { attemptsMax: 0 },
    });
    await expect(send(endpoint)).rejects.toMatchObject({ kind: "unanswered" });
  });
});

describe("the circuit", () => {
  const circuit = { callsMin: 4, openMs: 100 };

  test("opens for an endpoint that fails, without calling it, and closes when it has recovered", async () => {
    const { listener, calls } = inTurn(...Array.from({ length: 4 }, () => status(503)), good);
    const { endpoint } = await serve(listener, { circuit, retry: { attemptsMax: 0 } });
    for (let at = 0; at < 4; at += 1) await send(endpoint);
    expect(endpoint.circuit()).toBe("open");
    await expect(send(endpoint)).rejects.toMatchObject({ name: "CircuitOpenError" });
    expect(calls()).toBe(4);
    await new Promise((resolve) => setTimeout(resolve, 110));
    expect((await send(endpoint)).bytes.toString()).toBe("good");
    expect(endpoint.circuit()).toBe("closed");
  });

  test("counts timeouts, and not clients that leave", async () => {
    const { endpoint } = await serve(() => {}, { circuit, timeoutMs: 50 });
    for (let at = 0; at < 6; at += 1) {
      const client = new AbortController();
      const call = send(endpoint, { signal: client.signal });
      client.abort();
      await call.catch(() => {});
    }
    expect(endpoint.circuit()).toBe("closed");
    for (let at = 0; at < 4; at += 1) await send(endpoint).catch(() => {});
    expect(endpoint.circuit()).toBe("open");
  });
});

test("a request that is not valid HTTP is not sent, not repeated, and says nothing of the endpoint", async () => {
  const { listener, calls } = inTurn(good);
  const { endpoint, repeated } = await serve(listener, { circuit: { callsMin: 1 } });
  const headers = { "x-tenant": "a\nb" };
  const call = withinScope({ timeoutMs: 1_000, signal: new AbortController().signal }, (scope) =>
    endpoint.send({ ...request, headers }, scope, true),
  );
  await expect(call).rejects.toMatchObject({ kind: "unsendable" });
  expect([calls(), repeated, endpoint.circuit()]).toEqual([0, [], "closed"]);
});

describe("hedging", () => {
  const hedging: Change = { hedge: { enabled: true, after: 30 } };

  test("sends a slow query a second time, takes the faster answer and hangs up on the other", async () => {
    let hungUp: (() => void) | undefined;
    const closed = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const { listener } = inTurn((_request, response) => response.on("close", () => hungUp?.()), good);
    const { endpoint, repeated } = await serve(listener, hedging);
    expect((await send(endpoint)).bytes.toString()).toBe("good");
    await closed;
    expect(repeated).toEqual(["hedge"]);
  });

  test("does not send a fast query or a mutation twice", async () => {
    const fast = inTurn(good);
    const { endpoint } = await serve(fast.listener, hedging);
    await send(endpoint);
    const slow = inTurn((_request, response) => void setTimeout(() => response.end("slow"), 80));
    const { endpoint: other } = await serve(slow.listener, hedging);
    await send(other, { isQuery: false });
    expect([fast.calls(), slow.calls()]).toEqual([1, 1]);
  });

  test("after p95 waits until it knows what is slow", async () => {
    let delayMs = 0;
    const { listener, calls } = inTurn(
      (_request, response) => void setTimeout(() => response.end("x"), delayMs),
    );
    const { endpoint } = await serve(listener, { hedge: { enabled: true, after: "p95" } });
    delayMs = 40;
    await send(endpoint);
    expect(calls()).toBe(1);
    delayMs = 0;
    for (let at = 0; at < 40; at += 1) await send(endpoint);
    const before = calls();
    delayMs = 300;
    await send(endpoint);
    expect(calls()).toBe(before + 2);
  });
});

describe("packed answers", () => {
  const text = JSON.stringify({ data: { text: "x".repeat(1_000) } });
  const answer =
    (body: Buffer, encoding: string): RequestListener =>
    (_request, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(body);

  test.each([
    ["gzip", "gzip", gzipSync(text)],
    ["brotli", "br", brotliCompressSync(text)],
    ["deflate with a zlib header", "deflate", deflateSync(text)],
    ["deflate without one", "deflate", deflateRawSync(text)],
    ["identity", "identity", Buffer.from(text)],
  ])("are read from %s", async (_title, encoding, body) => {
    const { endpoint } = await serve(answer(body, encoding));
    expect((await send(endpoint)).bytes.toString()).toBe(text);
  });

  test.each([
    ["of 100 MB in 100 KB of gzip", "gzip", gzipSync(Buffer.alloc(100_000_000)), "too-large"],
    ["of 100 MB in 100 bytes of brotli", "br", brotliCompressSync(Buffer.alloc(100_000_000)), "too-large"],
    ["that break off", "gzip", gzipSync(text).subarray(0, 20), "undecodable"],
    ["in a chain", "gzip, gzip", gzipSync(gzipSync(text)), "undecodable"],
    ["in an encoding nobody knows", "lzma", Buffer.from(text), "undecodable"],
  ])("%s are refused", async (_title, encoding, body, kind) => {
    const { endpoint } = await serve(answer(body, encoding), { answerBytesMax: 1_000_000 });
    const before = process.memoryUsage.rss();
    await expect(send(endpoint)).rejects.toMatchObject({ name: "ExchangeError", kind });
    expect(process.memoryUsage.rss() - before).toBeLessThan(50_000_000);
  });
});

test("an answer that says it is too large is not waited for", async () => {
  const { endpoint } = await serve(
    (_request, response) => {
      response.writeHead(200, { "content-length": "200000000" }).write("x");
    },
    { answerBytesMax: 1_000 },
  );
  await expect(send(endpoint)).rejects.toMatchObject({ kind: "too-large" });
});

test("bytes that are not HTTP are an answer that never began", async () => {
  const url = await serveTcp((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
  const { endpoint } = open(url, { retry: { attemptsMax: 0 } });
  await expect(send(endpoint)).rejects.toMatchObject({ kind: "unanswered" });
});

describe("HTTP/2", () => {
  async function serveTls(allowsHttp2: boolean, isBroken = false) {
    const { key, cert } = selfSign("127.0.0.1");
    const folder = await mkdtemp(join(tmpdir(), "atlas-tls-"));
    const caFile = join(folder, "ca.pem");
    await writeFile(caFile, cert);
    const versions: string[] = [];
    let connections = 0;
    const listener = (
      incoming: Http2ServerRequest | IncomingMessage,
      response: ServerResponse | Http2ServerResponse,
    ) => {
      versions.push(incoming.httpVersion);
      if (isBroken) incoming.socket.destroy();
      else setTimeout(() => void response.end("good"), 20);
    };
    const server = allowsHttp2
      ? createSecureServer({ key, cert, allowHTTP1: true }, listener)
      : createTlsServer({ key, cert }, listener);
    const sockets = new Set<Socket>();
    server.on("secureConnection", (socket: Socket) => {
      connections += 1;
      sockets.add(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    });
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    const { endpoint } = open(`https://127.0.0.1:${port}/graphql`, { http2: true, caFile });
    return { endpoint, versions, connections: () => connections };
  }

  test("is spoken where the origin offers it: many calls share a connection", async () => {
    const { endpoint, versions, connections } = await serveTls(true);
    await send(endpoint);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(endpoint)));
    expect(answers.map(({ bytes }) => bytes.toString())).toEqual(Array(20).fill("good"));
    expect(new Set(versions)).toEqual(new Set(["2.0"]));
    expect(connections()).toBe(1);
  });

  test("sends nothing a second time by itself when its connection is lost", async () => {
    const { endpoint, versions } = await serveTls(true, true);
    await expect(send(endpoint, { isQuery: false })).rejects.toMatchObject({ kind: "unanswered" });
    expect(versions).toEqual(["2.0"]);
  });

  test("is not where it does not, and calls do not wait for one another", async () => {
    const { endpoint, versions, connections } = await serveTls(false);
    await send(endpoint);
    await Promise.all(Array.from({ length: 5 }, () => send(endpoint)));
    expect(new Set(versions)).toEqual(new Set(["1.1"]));
    expect(connections()).toBeGreaterThanOrEqual(5);
  });
});

/** Returns its URL. */
async function serveTcp(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return `http://127.0.0.1:${port}/graphql`;
}

function trickle(...[, response]: Parameters<RequestListener>): void {
  const timer = setInterval(() => response.write(" "), 10);
  response.on("close", () => clearInterval(timer));
}
