import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { SubgraphCall } from "../engine/engine.ts";
import { AppError } from "../errors.ts";
import { createFindPolicy, type TransportPolicy } from "../transport/transportPolicy.ts";
import { createCallSubgraph, type SubgraphCallOutcome } from "./callSubgraph.ts";
import { createAnonymousCaller } from "./identifyCaller.ts";
import type { SubgraphCallContext } from "./subgraphHeaders.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const context: SubgraphCallContext = {
  caller: createAnonymousCaller("us-east"),
  requestId: "request-1",
  traceparent: "00-11111111111111111111111111111111-2222222222222222-01",
  forwarded: { "x-tenant": "acme", "content-type": "text/plain", "atlas-context": "forged" },
  operationId: "operation-1",
  decisionId: "decision-1",
  filters: {},
};

const call: SubgraphCall<SubgraphCallContext> = {
  subgraph: "books",
  operationKind: "query",
  query: "{ books { isbn } }",
  operationName: undefined,
  variables: { first: 1 },
  context,
  signal: new AbortController().signal,
};

async function startCalls(
  listener: RequestListener,
  endpoint?: string,
  policy: Partial<TransportPolicy> = {},
) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected a TCP address.");
  const outcomes: SubgraphCallOutcome[] = [];
  const { request, close } = createCallSubgraph({
    endpoints: new Map([["books", endpoint ?? `http://127.0.0.1:${address.port}/graphql?v=1`]]),
    sign: ({ subgraph, decisionId }) => `signed ${subgraph} ${decisionId}`,
    findPolicy: createFindPolicy({
      connectTimeoutMs: 200,
      timeoutMs: 300,
      answerBytesMax: 10_000,
      ...policy,
    }),
    onCalled: (outcome) => outcomes.push(outcome),
  });
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await close();
  });
  return { request, outcomes };
}

const answer =
  (body: string, status = 200, contentType = "application/json"): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "content-type": contentType }).end(body);
  };

describe("callSubgraph", () => {
  test("posts the operation with the context, the trace and the forwarded headers, its own ones first", async () => {
    let seen: IncomingMessage | undefined;
    let body = "";
    const { request, outcomes } = await startCalls((incoming, response) => {
      seen = incoming;
      incoming.on("data", (chunk) => {
        body += String(chunk);
      });
      incoming.on("end", () =>
        response.setHeader("content-type", "application/json").end('{"data":{"books":[]}}'),
      );
    });
    expect(await request(call)).toEqual({ data: { books: [] } });
    expect([seen?.method, seen?.url]).toEqual(["POST", "/graphql?v=1"]);
    expect(seen?.headers).toMatchObject({
      "content-type": "application/json",
      "atlas-context": "signed books decision-1",
      "x-tenant": "acme",
      "x-request-id": "request-1",
      traceparent: context.traceparent,
    });
    expect(JSON.parse(body)).toEqual({ query: call.query, variables: { first: 1 } });
    expect(outcomes).toMatchObject([{ subgraph: "books", requestId: "request-1", outcome: "ok" }]);
  });

  test("keeps data beside errors, and the code and path of each error", async () => {
    const errors = [{ message: "no", path: ["a", 0], extensions: { code: "X" }, locations: [] }];
    const { request } = await startCalls(answer(JSON.stringify({ data: { a: null }, errors })));
    expect(await request(call)).toEqual({
      data: { a: null },
      errors: [{ message: "no", path: ["a", 0], extensions: { code: "X" } }],
    });
  });

  test("keeps the GraphQL errors of a refusal whatever its status", async () => {
    const body = '{"errors":[{"message":"Refused.","extensions":{"code":"CONTEXT_REFUSED"}}]}';
    const { request } = await startCalls(answer(body, 401, "application/graphql-response+json"));
    expect(await request(call)).toEqual({
      errors: [{ message: "Refused.", extensions: { code: "CONTEXT_REFUSED" } }],
    });
  });

  test.each([
    ["an empty answer", answer(""), "SUBGRAPH_INVALID_RESPONSE"],
    ["HTML", answer("<h1>Hello</h1>", 200, "text/html"), "SUBGRAPH_INVALID_RESPONSE"],
    [
      "JSON under another content type",
      answer('{"data":{}}', 200, "text/plain"),
      "SUBGRAPH_INVALID_RESPONSE",
    ],
    ["JSON that breaks off", answer('{"data":{"books":['), "SUBGRAPH_INVALID_RESPONSE"],
    ["a JSON array", answer("[]"), "SUBGRAPH_INVALID_RESPONSE"],
    ["JSON null", answer("null"), "SUBGRAPH_INVALID_RESPONSE"],
    ["an object without data and errors", answer("{}"), "SUBGRAPH_INVALID_RESPONSE"],
    ["data of another type", answer('{"data":[]}'), "SUBGRAPH_INVALID_RESPONSE"],
    ["errors of another type", answer('{"errors":"no"}'), "SUBGRAPH_INVALID_RESPONSE"],
    ["a redirect", answer("", 302), "SUBGRAPH_INVALID_RESPONSE"],
    ["data with a failing status", answer('{"data":{}}', 503), "SUBGRAPH_UNAVAILABLE"],
    ["a server error", answer("oops", 500, "text/plain"), "SUBGRAPH_UNAVAILABLE"],
    ["too many requests", answer("", 429), "SUBGRAPH_UNAVAILABLE"],
    [
      "more bytes than are read",
      answer(`{"data":{"a":"${"x".repeat(20_000)}"}}`),
      "SUBGRAPH_INVALID_RESPONSE",
    ],
    [
      "a connection that breaks",
      ((_q, response) => response.destroy()) as RequestListener,
      "SUBGRAPH_UNAVAILABLE",
    ],
    [
      "an answer that breaks off",
      ((_q, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
        response.write('{"data":', () => response.destroy());
      }) as RequestListener,
      "SUBGRAPH_UNAVAILABLE",
    ],
    ["silence", (() => {}) as RequestListener, "SUBGRAPH_TIMEOUT"],
    [
      "an answer that comes byte by byte",
      ((_q, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const timer = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(timer));
      }) as RequestListener,
      "SUBGRAPH_TIMEOUT",
    ],
  ])("%s fails with a code, within its deadline", async (_title, listener, code) => {
    const { request, outcomes } = await startCalls(listener);
    const startedAt = performance.now();
    await expect(request(call)).rejects.toMatchObject({ name: "AppError", code });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(outcomes).toMatchObject([{ outcome: code }]);
  });

  test("nobody listening is SUBGRAPH_UNAVAILABLE, with the system's reason as the cause only", async () => {
    const { request } = await startCalls(() => {}, "http://127.0.0.1:9/graphql");
    const error: unknown = await request(call).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "SUBGRAPH_UNAVAILABLE",
      message: "The subgraph books could not be reached.",
    });
    expect(String(error instanceof AppError && error.cause)).toContain("ECONNREFUSED");
  });

  test("hangs up when the client leaves", async () => {
    const client = new AbortController();
    let hungUp: (() => void) | undefined;
    const closed = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const { request, outcomes } = await startCalls((_request, response) => {
      response.on("close", () => hungUp?.());
      client.abort();
    });
    await expect(request({ ...call, signal: client.signal })).rejects.toBeInstanceOf(AppError);
    await closed;
    expect(outcomes).toMatchObject([{ outcome: "cancelled" }]);
  });

  test("does not call at all for a client that has left", async () => {
    let requests = 0;
    const { request } = await startCalls(() => {
      requests += 1;
    });
    await expect(request({ ...call, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AppError);
    expect(requests).toBe(0);
  });
});
