/** Carries requests from Fastify into the GraphQL core and its answers out, and counts and logs each of them. */
import type { OutgoingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { describeCause, type Log, toLoggedName } from "../observability/log.ts";
import type { Metrics, Transport } from "../observability/metrics.ts";
import { continueTrace } from "../observability/trace.ts";
import type { RequestFacts } from "../runOperation.ts";
import { clientAddress } from "./clientAddress.ts";
import { compressAnswer } from "./compressAnswer.ts";
import { pickForwarded } from "./forwardHeaders.ts";
import type { AnswerSummary, GraphQLOverHttp, HttpAnswer, HttpRequest } from "./graphqlOverHttp.ts";
import { explainHeader, readExplain } from "./readExplain.ts";

type Options = {
  readonly answer: GraphQLOverHttp;
  readonly forwardHeaders: readonly string[];
  readonly isDraining: () => boolean;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Answers the `atlas-explain` header: for people who develop, not for the public. */
  readonly explains: boolean;
  readonly trustedProxies: number;
  readonly compressBytesMin: number;
};

/** OPTIONS is the CORS plugin's; every other method reaches the core, which says what it expects. */
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

export type InFlight = {
  readonly count: () => number;
  /** Resolves once no request is under way. */
  readonly settled: () => Promise<void>;
};

export function serveGraphQL(
  app: FastifyInstance,
  { answer, forwardHeaders, isDraining, log, metrics, explains, trustedProxies, compressBytesMin }: Options,
): InFlight {
  const inFlight = createInFlight();
  app.route({
    method: methods,
    url: "/graphql",
    handler: async (request, reply) => {
      const startedAt = performance.now();
      reply.raw.once("close", inFlight.enter());
      const facts: RequestFacts = {
        requestId: request.id,
        traceparent: continueTrace(headerOf(request, "traceparent")),
        forwarded: pickForwarded(forwardHeaders, (name) => headerOf(request, name)),
        signal: abortWhenLeft(reply),
        address: clientAddress(request.ip, headerOf(request, "x-forwarded-for"), trustedProxies),
        ...(explains ? { explain: readExplain(headerOf(request, explainHeader)) } : {}),
      };
      const answered = await answer(toHttpRequest(request), facts);
      const { status, summary } = answered;
      const durationMs = performance.now() - startedAt;
      const transport = transportOf(answered);
      metrics.requestAnswered(transport, summary.operationKind, status, durationMs);
      metrics.errorsAnswered(summary.codes);
      logAnswer(log, { requestId: request.id, transport, status, durationMs }, summary);
      const acceptEncoding = headerOf(request, "accept-encoding");
      const packed = await compressAnswer(answered.body, acceptEncoding, compressBytesMin);
      if (packed) reply.header("content-encoding", packed.encoding);
      return send(reply, answered, packed?.body ?? answered.body, isDraining());
    },
  });
  return inFlight;
}

function createInFlight(): InFlight & { readonly enter: () => () => void } {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    count: () => count,
    settled: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    enter: () => {
      count += 1;
      return () => {
        count -= 1;
        if (count > 0) return;
        for (const resolve of waiting) resolve();
        waiting = [];
      };
    },
  };
}

function toHttpRequest(request: FastifyRequest): HttpRequest {
  const at = request.url.indexOf("?");
  return {
    method: request.method,
    search: at < 0 ? "" : request.url.slice(at + 1),
    header: (name) => headerOf(request, name),
    // The content type parser of server.ts hands bodies over as they came.
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
  };
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** The response closing before it was written in full is how Node says that the client has gone. */
function abortWhenLeft(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

function send(
  reply: FastifyReply,
  { status, headers }: HttpAnswer,
  body: HttpAnswer["body"] | Buffer,
  isDraining: boolean,
): FastifyReply {
  reply.code(status).headers(headers);
  // Beside the "origin" that the CORS plugin has set.
  reply.header("vary", [reply.getHeader("vary"), "accept, accept-encoding"].filter(Boolean).join(", "));
  if (typeof body === "string" || Buffer.isBuffer(body)) return reply.send(body);
  if (Symbol.asyncIterator in body) return reply.send(Readable.from(body, { objectMode: false }));
  return sendByteText(reply, body.byteText, isDraining);
}

/** Past Fastify, which would encode the text as UTF-8; so its onSend hooks are not run. */
function sendByteText(reply: FastifyReply, text: string, isDraining: boolean): FastifyReply {
  if (isDraining) reply.header("connection", "close");
  reply.header("content-length", text.length);
  reply.hijack();
  // Fastify's type allows undefined among the values, which none of ours is.
  reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders);
  reply.raw.end(text, "latin1");
  return reply;
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
