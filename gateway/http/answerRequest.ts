/**
 * Answers GraphQL requests on Node's own request and response, and counts and logs each: the same for those that come
 * through Fastify and for those that need nothing of it (`directPath.ts`).
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describeCause, type Log, toLoggedName } from "../observability/log.ts";
import type { Metrics, Transport } from "../observability/metrics.ts";
import type { Tracing } from "../observability/tracing.ts";
import type { RequestFacts } from "../runOperation.ts";
import { clientAddress } from "./clientAddress.ts";
import { compressAnswer } from "./compressAnswer.ts";
import { pickForwarded } from "./forwardHeaders.ts";
import type { AnswerSummary, GraphQLOverHttp, HttpAnswer, HttpRequest } from "./graphqlOverHttp.ts";
import type { HeaderReader } from "./preventCsrf.ts";
import { explainHeader, readExplain } from "./readExplain.ts";

export type Received = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  readonly body: Uint8Array;
};

export type ReadyAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpAnswer["body"] | Buffer;
};

/** Never rejects for what a client or a subgraph does. */
export type AnswerRequest = (received: Received) => Promise<ReadyAnswer>;

export type AnswerOptions = {
  readonly answer: GraphQLOverHttp;
  readonly forwardHeaders: readonly string[];
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readTraceparent: Tracing["readTraceparent"];
  readonly trustedProxies: number;
  readonly compressBytesMin: number;
};

export type InFlight = {
  readonly count: () => number;
  /** Resolves once no request is under way. */
  readonly settled: () => Promise<void>;
};

export function createAnswerRequest({
  answer,
  forwardHeaders,
  log,
  metrics,
  readTraceparent,
  trustedProxies,
  compressBytesMin,
}: AnswerOptions): { readonly answerRequest: AnswerRequest; readonly inFlight: InFlight } {
  const inFlight = createInFlight();

  const answerRequest: AnswerRequest = async ({ request, response, id, body }) => {
    const startedAt = performance.now();
    const header = readHeadersOf(request);
    const facts: RequestFacts = {
      requestId: id,
      traceparent: readTraceparent(header("traceparent")),
      forwarded: pickForwarded(forwardHeaders, header),
      signal: watch(response, inFlight.enter()),
      address: clientAddress(request.socket.remoteAddress, header("x-forwarded-for"), trustedProxies),
      explain: readExplain(header(explainHeader)),
    };
    const answered = await answer(toHttpRequest(request, header, body), facts);
    const { status } = answered;
    const transport = transportOf(answered);
    const count = (summary: AnswerSummary) => {
      const durationMs = performance.now() - startedAt;
      metrics.requestAnswered(transport, summary.operationKind, status, durationMs);
      metrics.errorsAnswered(summary.codes);
      logAnswer(log, { requestId: id, transport, status, durationMs }, summary);
    };
    // An answer in parts is one answer, and is over with its last part.
    if (answered.ended) void answered.ended.then(count);
    else count(answered.summary);
    const packed = await compressAnswer(answered.body, header("accept-encoding"), compressBytesMin);
    return packed
      ? { status, headers: { ...answered.headers, "content-encoding": packed.encoding }, body: packed.body }
      : answered;
  };
  return { answerRequest, inFlight };
}

/** `others` are headers beside the answer's own. */
export function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: ReadyAnswer,
  others: OutgoingHttpHeaders,
): void {
  const head: OutgoingHttpHeaders = { ...others, ...headers, vary: varyOf(others.vary) };
  if (typeof body === "string") {
    head["content-length"] = Buffer.byteLength(body);
    response.writeHead(status, head).end(body);
  } else if (Buffer.isBuffer(body)) {
    head["content-length"] = body.length;
    response.writeHead(status, head).end(body);
  } else if (Symbol.asyncIterator in body) {
    response.writeHead(status, head);
    // Whoever ends first ends the other; there is nobody left to tell.
    pipeline(Readable.from(body, { objectMode: false }), response).catch(() => {});
  } else {
    head["content-length"] = body.byteText.length;
    response.writeHead(status, head).end(body.byteText, "latin1");
  }
}

/** Beside the "Origin" that the CORS plugin has set. */
function varyOf(known: OutgoingHttpHeaders[string]): string {
  return known === undefined ? "accept, accept-encoding" : `${String(known)}, accept, accept-encoding`;
}

function createInFlight(): InFlight & { readonly enter: () => () => void } {
  let count = 0;
  let waiting: (() => void)[] = [];
  const leave = () => {
    count -= 1;
    if (count > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  return {
    count: () => count,
    settled: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    enter: () => {
      count += 1;
      return leave;
    },
  };
}

/** The response closing before it was written in full is how Node says that the client has gone. */
function watch(response: ServerResponse, leave: () => void): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    leave();
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function readHeadersOf({ headers }: IncomingMessage): HeaderReader {
  return (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
}

function toHttpRequest(
  { method = "", url = "" }: IncomingMessage,
  header: HeaderReader,
  body: Uint8Array,
): HttpRequest {
  const at = url.indexOf("?");
  return { method, search: at < 0 ? "" : url.slice(at + 1), header, body };
}

function transportOf({ body, headers }: HttpAnswer): Transport {
  if (typeof body === "string" || !(Symbol.asyncIterator in body)) return "http";
  return headers["content-type"]?.startsWith("multipart/") ? "multipart" : "sse";
}

type RequestLine = {
  readonly requestId: string;
  readonly transport: string;
  readonly status: number;
  readonly durationMs: number;
};

function logAnswer(
  log: Log,
  line: RequestLine,
  { operationKind, operationName, codes, cause }: AnswerSummary,
): void {
  if (line.status < 500 && !log.isLevelEnabled("info")) return;
  const fields = {
    ...line,
    durationMs: Math.round(line.durationMs * 100) / 100,
    operationKind,
    operationName: toLoggedName(operationName),
    ...(codes.length > 0 ? { codes: [...new Set(codes)] } : {}),
    ...(cause === undefined ? {} : { cause: describeCause(cause) }),
  };
  if (line.status >= 500) log.error(fields, "request answered");
  else log.info(fields, "request answered");
}
