/**
 * `POST /ingest/v1/signals` on the public port: identified, limited and decided here, stored by the intelligence subgraph.
 * `POST /ingest/v1/webhooks/:code` comes without a token and with a signature, which the subgraph checks; here it is an
 * anonymous caller, and limited as one. Bodies go through as they come and so do answers, so neither is ever held here.
 */
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Agent, type Dispatcher } from "undici";
import { AppError } from "../errors.ts";
import { clientAddress } from "../http/clientAddress.ts";
import { describeCause, type Log } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import { continueTrace } from "../observability/trace.ts";
import type { Caller } from "../stages/identifyCaller.ts";
import type { LimitRate } from "../stages/limitRate.ts";
import type { SignContext } from "../stages/signContext.ts";
import { signFor } from "../stages/subgraphHeaders.ts";
import type { AuthorizeIngest } from "./authorizeIngest.ts";

export type PassIngestOptions = {
  readonly identifyCaller: (request: { authorization: string | undefined }) => Promise<Caller>;
  readonly limitRate: Pick<LimitRate, "countRequest">;
  /** Of what is served now; undefined when it records no signals. */
  readonly target: () => IngestTarget | undefined;
  readonly sign: SignContext | undefined;
  readonly trustedProxies: number;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "ingestAnswered">;
};

export type IngestTarget = {
  readonly subgraph: string;
  /** Where the subgraph answers GraphQL. */
  readonly url: string;
  readonly authorize: AuthorizeIngest;
};

const signalsPath = "/ingest/v1/signals";
const webhooksPath = "/ingest/v1/webhooks";
/** What describes the body; everything else is the gateway's own to say. */
const passedOn = ["content-type", "content-encoding", "content-length"];
const signatureHeader = "atlas-signature";
/** No policy was asked: the signature is the permission. */
const noDecision = "";
const passedBack = ["content-type", "retry-after"];
/** Silence for longer than this ends a request; a stream of lines may last as long as it says something. */
const silenceMs = 30_000;

/** Answers what closes the connections to the subgraph. */
export function passIngest(app: FastifyInstance, options: PassIngestOptions): () => Promise<void> {
  const { identifyCaller, limitRate, target, sign, trustedProxies, log, metrics } = options;
  const agent = new Agent({ connections: 64, headersTimeout: silenceMs, bodyTimeout: silenceMs });
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    scope.post(signalsPath, async (request, reply) => {
      const served = getTarget();
      const caller = await admit(request, request.headers.authorization);
      const operationId = randomUUID();
      const { decisionId } = await served.authorize(caller, operationId);
      return send(request, reply, served, { path: signalsPath, caller, operationId, decisionId });
    });
    scope.post<{ Params: { code: string } }>(`${webhooksPath}/:code`, async (request, reply) => {
      const served = getTarget();
      const caller = await admit(request, undefined);
      const path = `${webhooksPath}/${encodeURIComponent(request.params.code)}`;
      return send(request, reply, served, {
        path,
        caller,
        operationId: randomUUID(),
        decisionId: noDecision,
      });
    });
    scope.addHook("onResponse", (_request, reply, done) => {
      metrics.ingestAnswered(reply.statusCode);
      done();
    });
    // What is left of a refused body is of no use to anybody.
    scope.addHook("onError", (_request, reply, _error, done) => {
      reply.header("connection", "close");
      done();
    });
  });
  return () => agent.close();

  function getTarget(): IngestTarget {
    const served = target();
    if (served !== undefined) return served;
    throw new AppError("NOT_FOUND", 404, "This gateway serves a supergraph that records no signals.");
  }

  async function admit(request: FastifyRequest, authorization: string | undefined): Promise<Caller> {
    const caller = await identifyCaller({ authorization });
    const forwardedFor = headerOf(request, "x-forwarded-for");
    const address = clientAddress(request.socket.remoteAddress, forwardedFor, trustedProxies);
    await limitRate.countRequest({ caller, address });
    return caller;
  }

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    { subgraph, url }: IngestTarget,
    { path, ...ids }: { path: string; caller: Caller; operationId: string; decisionId: string },
  ): Promise<FastifyReply> {
    const context = {
      ...ids,
      requestId: request.id,
      traceparent: continueTrace(headerOf(request, "traceparent")),
      forwarded: {},
      filters: {},
    };
    const left = new AbortController();
    reply.raw.once("close", () => {
      if (!reply.raw.writableFinished) left.abort();
    });
    const answer = await agent
      .request({
        origin: new URL(url).origin,
        path,
        method: "POST",
        body: request.raw,
        signal: left.signal,
        headers: {
          ...Object.fromEntries(
            Object.entries(request.headers).filter(
              ([name]) => passedOn.includes(name) || name === signatureHeader || name.startsWith("ce-"),
            ),
          ),
          ...signFor(sign, subgraph, context),
          traceparent: context.traceparent,
          "x-request-id": context.requestId,
        },
      })
      .catch((cause: unknown): never => {
        log.warn(
          { requestId: request.id, subgraph, cause: describeCause(cause) },
          "ingest was not passed on",
        );
        throw new AppError(
          "SUBGRAPH_UNAVAILABLE",
          503,
          "The intelligence subgraph does not answer; what was not acknowledged may be sent again.",
          { cause },
        );
      });
    return reply.code(answer.statusCode).headers(pick(answer)).send(answer.body);
  }
}

function pick({ headers }: Dispatcher.ResponseData): Record<string, string> {
  return Object.fromEntries(
    passedBack.flatMap((name) => {
      const value = headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
