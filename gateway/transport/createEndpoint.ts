/**
 * One subgraph's URL with all that is known about it: its connections, its circuit, what may be repeated, how fast it is.
 * A call passes the circuit, is sent (hedged, if that is on) and, when it is a query and nothing has come back, sent again.
 */
import { readFileSync } from "node:fs";
import { buildConnector, Client, Pool } from "undici";
import { CallEnded, type CallScope, waitWithin } from "./callScope.ts";
import { alwaysClosed, type CircuitState, createCircuitBreaker } from "./circuitBreaker.ts";
import { type ExchangeRequest, exchange, type HttpAnswer } from "./exchange.ts";
import { ExchangeError } from "./exchangeError.ts";
import { hedge } from "./hedge.ts";
import { createLatencies } from "./latencies.ts";
import { createRetryBudget } from "./retryBudget.ts";
import { chooseWaitMs } from "./retryWait.ts";
import type { TransportPolicy } from "./transportPolicy.ts";

export type Endpoint = {
  readonly url: string;
  readonly policy: TransportPolicy;
  readonly circuit: () => CircuitState;
  /** Rejects with an ExchangeError, a CircuitOpenError or a CallEnded. `isRepeatable` is true for queries only. */
  readonly send: (request: EndpointRequest, scope: CallScope, isRepeatable: boolean) => Promise<HttpAnswer>;
  readonly close: () => Promise<void>;
};

export type EndpointRequest = Pick<ExchangeRequest, "headers" | "body">;

export class CircuitOpenError extends Error {
  override readonly name = "CircuitOpenError";
}

type Options = {
  readonly url: string;
  readonly policy: TransportPolicy;
  readonly onCircuit?: (state: CircuitState) => void;
  readonly onRepeated?: (kind: "retry" | "hedge") => void;
};

/** Statuses by which a server or what stands before it says that it did not do the work. */
const isOverloaded = ({ status }: HttpAnswer) => status === 502 || status === 503 || status === 504;

export function createEndpoint({ url, policy, onCircuit, onRepeated }: Options): Endpoint {
  const { origin, pathname, search } = new URL(url);
  const path = pathname + search;
  const pool = createPool(origin, policy);
  const breaker = policy.circuit.enabled
    ? createCircuitBreaker({ policy: policy.circuit, ...(onCircuit ? { onChange: onCircuit } : {}) })
    : alwaysClosed;
  const budget = createRetryBudget(policy.retry.share);
  const latencies = policy.hedge.enabled ? createLatencies() : undefined;

  /** One passage through the circuit: the answer, or what went wrong with it. */
  async function attempt(request: ExchangeRequest, scope: CallScope, isHedged: boolean): Promise<HttpAnswer> {
    const passage = breaker.enter();
    if (!passage) throw new CircuitOpenError();
    const startedAt = latencies ? performance.now() : 0;
    try {
      const answer = await (isHedged
        ? hedge((onStarted) => exchange(pool, request, policy, scope, onStarted), {
            isGood: (candidate) => !isOverloaded(candidate),
            afterMs: policy.hedge.after === "p95" ? latencies?.p95() : policy.hedge.after,
            mayHedge: () => breaker.state() === "closed" && budget.spend(),
            onHedged: () => onRepeated?.("hedge"),
          })
        : exchange(pool, request, policy, scope));
      breaker.leave(passage, isOverloaded(answer) ? "failed" : "ok");
      latencies?.add(performance.now() - startedAt);
      return answer;
    } catch (thrown) {
      breaker.leave(passage, isEndpointsFault(thrown) ? "failed" : "unknown");
      throw thrown;
    }
  }

  async function repeat(request: ExchangeRequest, scope: CallScope): Promise<HttpAnswer> {
    for (let repeated = 0; ; repeated += 1) {
      const mayRepeat = repeated < policy.retry.attemptsMax;
      let retryAfter: string | undefined;
      try {
        const answer = await attempt(request, scope, policy.hedge.enabled);
        if (!mayRepeat || !isOverloaded(answer)) return answer;
        ({ retryAfter } = answer);
        const wait = chooseWaitMs(policy.retry, repeated, retryAfter);
        if (!fits(scope, wait) || !budget.spend()) return answer;
        await waitWithin(scope, wait);
      } catch (thrown) {
        const isUnanswered = thrown instanceof ExchangeError && thrown.kind === "unanswered";
        if (!mayRepeat || !isUnanswered || scope.reason) throw thrown;
        const wait = chooseWaitMs(policy.retry, repeated, undefined);
        if (!fits(scope, wait) || !budget.spend()) throw thrown;
        await waitWithin(scope, wait);
      }
      onRepeated?.("retry");
    }
  }

  return {
    url,
    policy,
    circuit: breaker.state,
    send: (request, scope, isRepeatable) => {
      budget.earn();
      const exchanged = { path, headers: request.headers, body: request.body, isRepeatable };
      return isRepeatable ? repeat(exchanged, scope) : attempt(exchanged, scope, false);
    },
    close: () => pool.close(),
  };
}

function createPool(
  origin: string,
  { connectTimeoutMs, connectionsMax, http2, caFile }: TransportPolicy,
): Pool {
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, "utf8") };
  const connect = { timeout: connectTimeoutMs, ...ca };
  if (!http2) return new Pool(origin, { connections: connectionsMax, connect });
  return createHttp2Pool(origin, connectionsMax, buildConnector({ ...connect, allowH2: true }));
}

/** What servers usually allow on one connection. */
const http2StreamsMax = 100;

/** A connection takes many calls at once, unless its server turns out to speak HTTP/1.1: there each would wait for the one before. */
function createHttp2Pool(origin: string, connections: number, connect: buildConnector.connector): Pool {
  let isHttp2 = false;
  const pool = new Pool(origin, {
    connections,
    allowH2: true,
    pipelining: http2StreamsMax,
    connect: (options, done) =>
      connect(options, (...result) => {
        const [, socket] = result;
        isHttp2 = socket !== null && "alpnProtocol" in socket && socket.alpnProtocol === "h2";
        done(...result);
      }),
  });
  return pool.on("connect", (_origin, targets) => {
    const client = targets.at(-1);
    if (!isHttp2 && client instanceof Client) client.pipelining = 1;
  });
}

function fits(scope: CallScope, waitMs: number): boolean {
  return performance.now() + waitMs < scope.endsAt;
}

/** A deadline is the endpoint's doing; an answer that is too large is the question's, and a client that left nobody's. */
function isEndpointsFault(thrown: unknown): boolean {
  if (thrown instanceof ExchangeError) return thrown.kind !== "too-large" && thrown.kind !== "undecodable";
  return thrown instanceof CallEnded && thrown.kind === "timeout";
}
