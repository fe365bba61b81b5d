/** Carries requests from Fastify into the GraphQL core and its answers out, and counts and logs each of them. */
import type { OutgoingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { describeCause, type Log } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import { continueTrace } from "../observability/trace.ts";
import type { RequestFacts } from "../runOperation.ts";
import { pickForwarded } from "./forwardHeaders.ts";
import type { AnswerSummary, GraphQLOverHttp, HttpAnswer, HttpRequest } from "./graphqlOverHttp.ts";

type Options = {
  readonly answer: GraphQLOverHttp;
  readonly forwardHeaders: readonly string[];
  readonly isDraining: () => boolean;
  readonly log: Log;
  readonly metrics: Metrics;
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
  { answer, forwardHeaders, isDraining, log, metrics }: Options,
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
      };
      const answered = await answer(toHttpRequest(request), facts);
      const { status, summary } = answered;
      const durationMs = performance.now() - startedAt;
      const isStream = typeof answered.body === "object" && Symbol.asyncIterator in answered.body;
      const transport = isStream ? "sse" : "http";
      metrics.requestAnswered(transport, summary.operationKind, status, durationMs);
      metrics.errorsAnswered(summary.codes);
      logAnswer(log, { requestId: request.id, transport, status, durationMs }, summary);
      return send(reply, answered, isDraining());
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

function send(reply: FastifyReply, { status, headers, body }: HttpAnswer, isDraining: boolean): FastifyReply {
  reply.code(status).headers(headers);
  // Beside the "origin" that the CORS plugin has set.
  reply.header("vary", [reply.getHeader("vary"), "accept"].filter(Boolean).join(", "));
  if (typeof body === "string") return reply.send(body);
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
    operationName,
    ...(codes.length > 0 ? { codes: [...new Set(codes)] } : {}),
    ...(cause === undefined ? {} : { cause: describeCause(cause) }),
  };
  if (line.status >= 500) log.error(fields, "request answered");
  else log.info(fields, "request answered");
}
