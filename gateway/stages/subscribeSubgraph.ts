/**
 * Subscriptions to subgraphs over graphql-transport-ws. Subscriptions of one subgraph share a socket (one for each set
 * of forwarded headers), which is opened again when it is lost. Events in between are lost with it: the protocol has
 * no way to ask for them.
 *
 * One for the whole gateway, whatever supergraph it serves: a subscription goes on when that changes.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { SubgraphAnswer, SubgraphCall } from "../engine/engine.ts";
import { AppError } from "../errors.ts";
import { afterReading } from "../transport/afterReading.ts";
import type { TransportPolicy } from "../transport/transportPolicy.ts";
import { createBoundedEvents } from "./boundedEvents.ts";
import type { CallOptions } from "./callSubgraph.ts";
import { toSubgraphAnswer } from "./readSubgraphAnswer.ts";
import type { SignContext } from "./signContext.ts";
import { type SubgraphCallContext, signFor } from "./subgraphHeaders.ts";

export type SubscribeSubgraph = {
  /** `url` is the subgraph's for HTTP; without one the source breaks at once. */
  readonly subscribe: (
    url: string | undefined,
    call: SubgraphCall<SubgraphCallContext>,
  ) => AsyncGenerator<SubgraphAnswer, void, undefined>;
  readonly close: () => Promise<void>;
};

type Options = Pick<CallOptions, "sign" | "findPolicy">;

/** Half a minute for a subgraph to restart: 0.2 + 0.4 + … + 12.8 s. */
const retriesMax = 7;
const firstWaitMs = 200;
const pingMs = 10_000;
const pongWaitMs = 5_000;
/** Events of one subscription that its client has not taken yet; beyond them it is let go. */
const waitingEventsMax = 1_000;
/** How long an idle socket waits for the next subscription. */
const idleMs = 1_000;

export function createSubscribeSubgraph({ sign, findPolicy }: Options): SubscribeSubgraph {
  const clients = new Map<string, Client>();

  function findClient(subgraph: string, url: string, forwarded: Readonly<Record<string, string>>): Client {
    const key = JSON.stringify([subgraph, url, forwarded]);
    const known = clients.get(key);
    if (known) return known;
    const client = openClient(url.replace(/^http/, "ws"), forwarded, boundSocket(findPolicy(subgraph)));
    // A client reopens its socket while it has subscriptions; one that closed for good would only take up room.
    client.on("closed", (event) => {
      if (isNormalClosure(event)) clients.delete(key);
    });
    clients.set(key, client);
    return client;
  }

  return {
    async *subscribe(url, call) {
      const { subgraph, context, signal, query, operationName, variables } = call;
      if (url === undefined) throw lost(subgraph, undefined);
      const client = findClient(subgraph, url, context.forwarded);
      const payload = {
        query,
        ...(operationName === undefined ? {} : { operationName }),
        variables: { ...variables },
        extensions: signWhenSent(sign, subgraph, context),
      };
      const events = createBoundedEvents((sink) => client.subscribe(payload, sink), waitingEventsMax);
      const leave = () => void events.return?.();
      signal.addEventListener("abort", leave, { once: true });
      try {
        if (signal.aborted) return;
        for await (const event of events) yield toSubgraphAnswer(event) ?? throwInvalid(subgraph);
      } catch (thrown) {
        if (thrown instanceof AppError) throw thrown;
        // An array is the subgraph's own refusal of the operation; anything else is the end of the socket.
        const refusal = Array.isArray(thrown) ? toSubgraphAnswer({ errors: thrown }) : undefined;
        if (!refusal) throw lost(subgraph, thrown);
        yield refusal;
      } finally {
        signal.removeEventListener("abort", leave);
        leave();
      }
    },

    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.dispose()));
      clients.clear();
    },
  };
}

/** The client writes the message anew for every socket it opens; a context signed only once would have expired by then. */
function signWhenSent(
  sign: SignContext | undefined,
  subgraph: string,
  context: SubgraphCallContext,
): Record<string, unknown> {
  return { toJSON: () => signFor(sign, subgraph, context) };
}

/** A WebSocket with the limits of calls over HTTP. */
function boundSocket({ connectTimeoutMs, answerBytesMax, caFile }: TransportPolicy) {
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, "utf8") };
  return class SubgraphSocket extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, { handshakeTimeout: connectTimeoutMs, maxPayload: answerBytesMax, ...ca });
    }
  };
}

function openClient(
  url: string,
  forwarded: Readonly<Record<string, string>>,
  webSocketImpl: unknown,
): Client {
  let pongWait: NodeJS.Timeout | undefined;
  let isAwaitingPong = false;
  const terminateSilent = () => {
    if (isAwaitingPong) client.terminate();
  };
  const stopWaiting = () => {
    isAwaitingPong = false;
    clearTimeout(pongWait);
  };
  const client = createClient({
    url,
    webSocketImpl,
    connectionParams: { ...forwarded },
    retryAttempts: retriesMax,
    shouldRetry: () => true,
    // Half of the wait is chance, so that a restarted subgraph does not meet all gateways at once.
    retryWait: (retries) => sleep(firstWaitMs * 2 ** retries * (0.5 + Math.random() / 2)),
    lazyCloseTimeout: idleMs,
    keepAlive: pingMs,
    on: {
      // A frozen peer keeps the connection open for ever; a missing pong ends it.
      ping: (received) => {
        if (received) return;
        isAwaitingPong = true;
        pongWait = setTimeout(() => afterReading(terminateSilent), pongWaitMs);
      },
      pong: (received) => {
        if (received) stopWaiting();
      },
      closed: stopWaiting,
    },
  });
  return client;
}

function isNormalClosure(event: unknown): boolean {
  return typeof event === "object" && event !== null && Reflect.get(event, "code") === 1_000;
}

function throwInvalid(subgraph: string): never {
  throw new AppError(
    "SUBGRAPH_INVALID_RESPONSE",
    502,
    `Expected a GraphQL answer as the event of the subgraph ${subgraph}, got something else.`,
  );
}

function lost(subgraph: string, cause: unknown): AppError {
  const message = `The subscription to the subgraph ${subgraph} was lost.`;
  return new AppError("SUBGRAPH_UNAVAILABLE", 502, message, { cause });
}
