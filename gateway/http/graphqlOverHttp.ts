/**
 * GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/) as a function from request to answer.
 * It knows no host: fastifyAdapter.ts carries requests in and answers out.
 */
import type { Answer, DeferredAnswer, LateAnswer } from "../engine/engine.ts";
import { AppError, toAppError, toGraphQLError } from "../errors.ts";
import type { Operation, OperationRunner, RequestFacts, Session } from "../runOperation.ts";
import { abortAtExpiry } from "../subscriptions/abortAtExpiry.ts";
import { type DeferredForm, toPayloads } from "../subscriptions/deferredPayloads.ts";
import { deferredTypes, encodeDeferred, encodeParts, multipartType } from "../subscriptions/multipart.ts";
import { openSubscription, type SubscriptionToOpen } from "../subscriptions/openSubscription.ts";
import { encodeEvents } from "../subscriptions/sse.ts";
import { whenPartsEnd } from "../whenPartsEnd.ts";
import type { MediaType } from "./negotiateMediaType.ts";
import { type HeaderReader, preventCsrf } from "./preventCsrf.ts";
import { readAccept } from "./readAccept.ts";
import { type GraphQLParameters, readBody, readUrlParameters } from "./readParameters.ts";

export type HttpRequest = {
  readonly method: string;
  /** The part of the URL after the question mark. */
  readonly search: string;
  readonly header: HeaderReader;
  readonly body: Uint8Array;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | ByteText | AsyncIterable<string>;
  /** For logs and metrics; nothing here comes from variables or data. */
  readonly summary: AnswerSummary;
  /** For an answer in parts: the summary of all of it, when it has ended, however it did. */
  readonly ended?: Promise<AnswerSummary>;
};

/** One character for each byte: as the engine prints it, without a copy. */
export type ByteText = { readonly byteText: string };

export type AnswerSummary = {
  /** Undefined when the request did not get as far as GraphQL. */
  readonly operationKind: Operation["kind"] | undefined;
  readonly operationName: string | undefined;
  readonly codes: readonly string[];
  /** What the log needs and the client must not see. */
  readonly cause?: unknown;
};

export type GraphQLOverHttp = (request: HttpRequest, facts: RequestFacts) => Promise<HttpAnswer>;

/** What a subscription can come as over HTTP. */
export type StreamTransport = "sse" | "multipart";

type Options = {
  readonly runner: OperationRunner;
  /** Ends event streams when the gateway stops. */
  readonly stopping: AbortSignal;
  /** Called for each event stream; what it returns is called when the stream has ended. */
  readonly onStream: (transport: StreamTransport) => () => void;
  /** Requests in one array; 0 refuses arrays. */
  readonly batchMax: number;
};

export function createGraphQLOverHttp({ runner, stopping, onStream, batchMax }: Options): GraphQLOverHttp {
  return async (request, facts) => {
    const { isMultipart, deferredForm, accepted } = readAccept(request.header("accept"));
    // Somebody who accepts nothing of ours still has to be able to read why.
    const mediaType = accepted ?? "application/json";
    let operation: Operation | undefined;
    try {
      const parameters = readRequest(request, accepted, batchMax);
      const caller = await runner.identify(request.header("authorization"));
      const session = { ...facts, caller };
      if (isBatch(parameters)) return await answerBatch(runner, parameters, session);
      operation = await runner.prepare(parameters, session);
      const stream = mediaType === "text/event-stream" ? "sse" : isMultipart ? "multipart" : undefined;
      assertMethodAndMediaType(operation, request.method, stream);
      if (operation.kind === "subscription" && stream) {
        const onEnd = onStream(stream);
        return toStream(operation, stream, openStream({ runner, operation, session, onEnd }, stopping));
      }
      const parts = mediaType === "text/event-stream" ? mediaType : deferredForm;
      if (operation.isDeferred && parts) {
        const answer = await runner.executeDeferred(operation, session);
        if (answer.pending.length === 0) return toAnswer(operation, answer.first, mediaType);
        return toParts(operation, answer, parts, session.signal);
      }
      if (mediaType === "text/event-stream")
        return toAnswer(operation, await runner.execute(operation, session), mediaType);
      const answered = await runner.executeText(operation, session);
      return answered.kind === "text"
        ? toTextAnswer(operation, answered.text, mediaType)
        : toAnswer(operation, answered.answer, mediaType);
    } catch (thrown) {
      return toRefusal(operation, toAppError(thrown), mediaType);
    }
  };
}

type Batch = readonly GraphQLParameters[];

function isBatch(parameters: GraphQLParameters | Batch): parameters is Batch {
  return Array.isArray(parameters);
}

/** Its requests run side by side, and what one of them does wrong is told in its place. */
async function answerBatch(runner: OperationRunner, batch: Batch, session: Session): Promise<HttpAnswer> {
  const answers = await Promise.all(
    batch.map(async (parameters): Promise<Answer> => {
      try {
        const operation = await runner.prepare(parameters, session);
        if (operation.kind === "subscription") {
          throw new AppError(
            "BATCH_REFUSED",
            400,
            "Expected queries and mutations in a batch, got a subscription.",
          );
        }
        return await runner.execute(operation, session);
      } catch (thrown) {
        return { errors: [toGraphQLError(toAppError(thrown))] };
      }
    }),
  );
  const codes = answers.flatMap((answer) => summarise(undefined, answer).codes);
  return {
    status: 200,
    headers: contentType("application/json"),
    body: `[${answers.map(serialiseAnswer).join(",")}]`,
    summary: { operationKind: undefined, operationName: undefined, codes },
  };
}

function readRequest(
  request: HttpRequest,
  accepted: MediaType | undefined,
  batchMax: number,
): GraphQLParameters | Batch {
  const { method } = request;
  if (method !== "GET" && method !== "POST") {
    throw new AppError("METHOD_NOT_ALLOWED", 405, `Expected GET or POST, got ${method}.`);
  }
  if (accepted === undefined) {
    throw new AppError(
      "NOT_ACCEPTABLE",
      406,
      "Expected an accept header with application/graphql-response+json, application/json or text/event-stream.",
    );
  }
  if (method === "POST") return readBody(request.header("content-type"), request.body, batchMax);
  preventCsrf(request.header);
  return readUrlParameters(request.search);
}

function assertMethodAndMediaType(
  operation: Operation,
  method: string,
  stream: StreamTransport | undefined,
): void {
  if (method === "GET" && operation.kind === "mutation") {
    throw new AppError("METHOD_NOT_ALLOWED", 405, "Expected POST for a mutation, got GET.");
  }
  if (operation.kind === "subscription" && !stream) {
    throw new AppError(
      "NOT_ACCEPTABLE",
      406,
      "A subscription needs accept: text/event-stream, multipart/mixed;subscriptionSpec=1.0, or a WebSocket with the protocol graphql-transport-ws.",
    );
  }
}

/** The stream ends with the client's connection, and with an error when the token or the gateway does. */
function openStream(subscription: SubscriptionToOpen, stopping: AbortSignal): AsyncIterable<Answer> {
  const { session, onEnd } = subscription;
  const controller = new AbortController();
  const keep = abortAtExpiry(session.caller, controller);
  return openSubscription({
    ...subscription,
    session: { ...session, signal: AbortSignal.any([session.signal, controller.signal, stopping]) },
    onEnd: () => {
      keep();
      onEnd();
    },
  });
}

function toAnswer(operation: Operation, answer: Answer, mediaType: MediaType): HttpAnswer {
  const summary = summarise(operation, answer);
  if (mediaType === "text/event-stream") return { ...eventStream, body: encodeEvents([answer]), summary };
  return {
    status: statusOf(answer, mediaType),
    headers: contentType(mediaType),
    body: serialiseAnswer(answer),
    summary,
  };
}

function toTextAnswer(operation: Operation, text: string, mediaType: MediaType): HttpAnswer {
  const summary = summarise(operation, {});
  return { status: 200, headers: contentType(mediaType), body: { byteText: text }, summary };
}

function toStream(
  operation: Operation,
  transport: StreamTransport,
  answers: AsyncIterable<Answer>,
): HttpAnswer {
  const summary = summarise(operation, {});
  if (transport === "sse") return { ...eventStream, body: encodeEvents(answers), summary };
  const headers = { ...eventStream.headers, "content-type": multipartType };
  return { status: 200, headers, body: encodeParts(answers), summary };
}

function toParts(
  operation: Operation,
  answer: DeferredAnswer,
  parts: DeferredForm | "text/event-stream",
  signal: AbortSignal,
): HttpAnswer {
  const summary = summarise(operation, answer.first);
  const codes = [...summary.codes];
  let end = () => {};
  const ended = new Promise<AnswerSummary>((resolve) => {
    end = () => resolve({ ...summary, codes });
  });
  const onParts = (late: LateAnswer) => {
    for (const part of late.parts) codes.push(...summarise(operation, part.answer).codes);
  };
  const counted = whenPartsEnd({ ...answer, rest: watch(answer.rest, onParts) }, signal, () => end());
  if (parts === "text/event-stream")
    return { ...eventStream, body: encodeEvents(toPayloads(counted, "path")), summary, ended };
  const headers = { ...eventStream.headers, "content-type": deferredTypes[parts] };
  return { status: 200, headers, body: encodeDeferred(toPayloads(counted, parts)), summary, ended };
}

async function* watch(
  rest: DeferredAnswer["rest"],
  onParts: (late: LateAnswer) => void,
): DeferredAnswer["rest"] {
  for await (const late of rest) {
    onParts(late);
    yield late;
  }
}

/** Refused before it became a GraphQL answer: the status is the error's own whatever the media type. */
function toRefusal(operation: Operation | undefined, error: AppError, mediaType: MediaType): HttpAnswer {
  const answer = { errors: [toGraphQLError(error)] };
  return {
    status: error.status,
    headers: {
      ...contentType(mediaType === "text/event-stream" ? "application/json" : mediaType),
      ...(error.status === 405 ? { allow: operation ? "POST" : "GET, POST" } : {}),
      ...(error.details.retryAfterSeconds === undefined
        ? {}
        : { "retry-after": String(error.details.retryAfterSeconds) }),
      ...(error.status === 401 ? { "www-authenticate": 'Bearer error="invalid_token"' } : {}),
    },
    body: serialiseAnswer(answer),
    summary: {
      ...summarise(operation, answer),
      ...(error.cause === undefined ? {} : { cause: error.cause }),
    },
  };
}

/** Specification §6.4: with application/json a well-formed request is 200 whatever GraphQL made of it. */
function statusOf(answer: Answer, mediaType: MediaType): number {
  if (mediaType === "application/json") return 200;
  return answer.data === undefined ? 400 : 200;
}

/** Errors first, so that somebody reading the start of a long answer sees them. */
export function serialiseAnswer({ errors, data, extensions }: Answer): string {
  return JSON.stringify({ ...(errors && errors.length > 0 ? { errors } : {}), data, extensions });
}

function summarise(operation: Operation | undefined, answer: Answer): AnswerSummary {
  return {
    operationKind: operation?.kind,
    operationName: operation?.name,
    codes: (answer.errors ?? []).map((error) => String(error.extensions.code ?? "none")),
  };
}

function contentType(mediaType: MediaType): Record<string, string> {
  return { "content-type": `${mediaType}; charset=utf-8`, "cache-control": "no-store" };
}

const eventStream = {
  status: 200,
  headers: { ...contentType("text/event-stream"), "x-accel-buffering": "no" },
};
