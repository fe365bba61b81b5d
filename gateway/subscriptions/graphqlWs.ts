/**
 * What the gateway says in the protocol graphql-transport-ws
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), without knowing a server: webSocketAdapter.ts
 * carries the messages. A connection is one caller: its token comes with connection_init, or with the upgrade.
 */
import type { ExecutionArgs, GraphQLError, GraphQLSchema } from "graphql";
import { CloseCode, makeServer, type SubscribePayload } from "graphql-ws";
import type { Answer } from "../engine/engine.ts";
import { AppError, toAppError, toGraphQLError } from "../errors.ts";
import { pickForwarded } from "../http/forwardHeaders.ts";
import type { HeaderReader } from "../http/preventCsrf.ts";
import { describeCause, type Log, toLoggedName } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import { toRequestId } from "../observability/trace.ts";
import type { Tracing } from "../observability/tracing.ts";
import type { Operation, OperationRunner, Session } from "../runOperation.ts";
import { abortAtExpiry } from "./abortAtExpiry.ts";
import { openDeferred } from "./openDeferred.ts";
import { openSubscription } from "./openSubscription.ts";

export type ProtocolOptions = {
  readonly runner: OperationRunner;
  readonly schema: GraphQLSchema;
  readonly forwardHeaders: readonly string[];
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readTraceparent: Tracing["readTraceparent"];
};

/** One socket, as its adapter hands it over. */
export type Connection = {
  /** Of the client, as far as it can be known. */
  readonly address: string;
  /** Headers of the upgrade request. */
  readonly header: HeaderReader;
  /** Aborted by the adapter when the socket closes; everything of the connection ends with it. */
  readonly controller: AbortController;
  readonly close: (code: number, reason: string) => void;
  session?: Session;
};

type Running = { readonly operation: Operation; readonly session: Session };

export type Protocol = {
  /** Returns what to call when the socket has closed. */
  readonly opened: (
    socket: WebSocketLike,
    connection: Connection,
  ) => (code: number, reason: string) => Promise<void>;
  /** Resolves when the queries and mutations that run now have been answered. */
  readonly settled: () => Promise<void>;
};

type WebSocketLike = Parameters<
  ReturnType<typeof makeServer<Record<string, unknown>, Connection>>["opened"]
>[0];

/** At once on one socket. A busy page has a dozen. */
const operationsMax = 100;

const tooMany = toGraphQLError(
  new AppError(
    "RATE_LIMITED",
    429,
    `Expected at most ${operationsMax} operations at once on one socket; complete some, or open another socket.`,
  ),
);

export function createProtocol(options: ProtocolOptions): Protocol {
  const { runner, forwardHeaders, log, metrics } = options;
  const running = new Set<Promise<unknown>>();

  async function execute(operation: Operation, session: Session): Promise<Answer> {
    const answer = runner.execute(operation, session).catch((thrown: unknown) => {
      return { errors: [toGraphQLError(logFailure(log, session, thrown))] };
    });
    running.add(answer);
    return answer.finally(() => running.delete(answer));
  }

  async function executeDeferred(
    operation: Operation,
    session: Session,
  ): Promise<Answer | AsyncIterableIterator<Answer>> {
    try {
      const opened = await openDeferred({ runner, operation, session });
      if (!("payloads" in opened)) return opened;
      running.add(opened.ended);
      void opened.ended.then(() => running.delete(opened.ended));
      return opened.payloads;
    } catch (thrown) {
      return { errors: [toGraphQLError(logFailure(log, session, thrown))] };
    }
  }

  const server = makeServer<Record<string, unknown>, Connection>({
    onConnect: async ({ extra: connection, connectionParams }) => {
      const header = readParameters(connectionParams, connection.header);
      try {
        const caller = await runner.identify(header("authorization"));
        connection.session = {
          caller,
          requestId: toRequestId(header("x-request-id")),
          traceparent: options.readTraceparent(header("traceparent")),
          forwarded: pickForwarded(forwardHeaders, header),
          signal: connection.controller.signal,
          address: connection.address,
        };
        endWhenExpired(connection, connection.session);
        return true;
      } catch (thrown) {
        const error = toAppError(thrown);
        metrics.errorsAnswered([error.code]);
        log.info({ codes: [error.code], transport: "websocket" }, "connection refused");
        connection.close(
          error.status === 401 ? CloseCode.Unauthorized : CloseCode.InternalServerError,
          error.code,
        );
        return false;
      }
    },

    onSubscribe: async ({ extra: { session }, subscriptions }, _id, payload) => {
      if (!session) throw new Error("graphql-ws let a subscribe through before connection_init");
      if (Object.keys(subscriptions).length > operationsMax) return [tooMany];
      return prepare(options, session, payload);
    },

    // The stages have parsed, validated and planned; graphql-ws only looks which of the two the operation is.
    execute: (args) => {
      const { operation, session } = runningOf(args);
      return operation.isDeferred ? executeDeferred(operation, session) : execute(operation, session);
    },
    subscribe: (args) => {
      const { operation, session } = runningOf(args);
      return openSubscription({
        runner,
        operation,
        session,
        onEnd: metrics.subscriptionOpened("websocket"),
      });
    },

    onOperation: (_context, _id, _payload, args) => {
      const { operation, session } = runningOf(args);
      const { kind: operationKind, name } = operation;
      const operationName = toLoggedName(name);
      log.info(
        { requestId: session.requestId, transport: "websocket", operationKind, operationName },
        "operation started",
      );
    },
    onNext: (_context, _id, _payload, _args, { errors }) => {
      if (errors) metrics.errorsAnswered(codesOf(errors));
    },
    onError: (_context, _id, _payload, errors) => {
      metrics.errorsAnswered(codesOf(errors));
    },
  });
  return {
    opened: (socket, connection) => server.opened(socket, connection),
    settled: async () => void (await Promise.allSettled(running)),
  };
}

/** Browsers cannot set headers on a WebSocket, so what would be one comes in the payload; its names in any case. */
function readParameters(
  parameters: Readonly<Record<string, unknown>> | undefined,
  header: HeaderReader,
): HeaderReader {
  const given = new Map(Object.entries(parameters ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => {
    const value = given.get(name);
    return typeof value === "string" ? value : header(name);
  };
}

/** Every operation gets its error first, then the socket goes. */
function endWhenExpired({ controller, close }: Connection, { caller, signal }: Session): void {
  const keep = abortAtExpiry(caller, controller);
  signal.addEventListener("abort", () => {
    keep();
    setImmediate(() => close(CloseCode.Unauthorized, "UNAUTHENTICATED"));
  });
}

async function prepare(
  { runner, schema, log }: ProtocolOptions,
  session: Session,
  { query, operationName, variables, extensions }: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  try {
    const parameters = {
      // graphql-ws demands a text; an empty one is how clients send a hash alone.
      query: query === "" ? undefined : query,
      operationName: operationName ?? undefined,
      variables: variables ?? {},
      extensions: extensions ?? {},
    };
    const operation = await runner.prepare(parameters, session);
    if (operation.kind === "refused") return operation.outcome.answer.errors ?? [];
    const running: Running = { operation, session };
    return {
      schema,
      document: operation.document,
      operationName: operation.name ?? null,
      contextValue: running,
    };
  } catch (thrown) {
    return [toGraphQLError(logFailure(log, session, thrown))];
  }
}

/** A caller's mistake is answered; a fault of ours is logged too. */
function logFailure(log: Log, { requestId }: Session, thrown: unknown): AppError {
  const error = toAppError(thrown);
  if (error.status >= 500) {
    log.error({ requestId, codes: [error.code], cause: describeCause(error.cause) }, "operation failed");
  }
  return error;
}

function codesOf(errors: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[]): string[] {
  return errors.map(({ extensions }) => String(extensions?.code ?? "none"));
}

/** graphql-ws knows the context as anything; only `prepare` sets it. */
function runningOf({ contextValue }: { readonly contextValue?: unknown }): Running {
  return contextValue as Running;
}
