/**
 * One subgraph's URL with all that is known about it: its connections, its circuit, what may be repeated, how fast it is.
 * A call passes the circuit, is sent (hedged, if that is on) and, when it is a query and nothing has come back, sent again.
 */
import { readFileSync } from "node:fs";
import { CallEnded, type CallScope, waitWithin } from "./callScope.ts";
import { alwaysClosed, type CircuitState, createCircuitBreaker } from "./circuitBreaker.ts";
import { createHttp2Client } from "./createHttp2Client.ts";
import { exchange, type HttpAnswer } from "./exchange.ts";
import { ExchangeError } from "./exchangeError.ts";
import { hedge } from "./hedge.ts";
import { createHttp1Client } from "./http1/createHttp1Client.ts";
import type { HttpClient, HttpRequest } from "./httpClient.ts";
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

export type EndpointRequest = Pick<HttpRequest, "headers" | "body">;

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
  const client = createClient(origin, policy);
  const breaker = policy.circuit.enabled
    ? createCircuitBreaker({ policy: policy.circuit, ...(onCircuit ? { onChange: onCircuit } : {}) })
    : alwaysClosed;
  const budget = createRetryBudget(policy.retry.share);
  const latencies = policy.hedge.enabled ? createLatencies() : undefined;

  /** One passage through the circuit: the answer, or what went wrong with it. */
  async function attempt(request: HttpRequest, scope: CallScope, isHedged: boolean): Promise<HttpAnswer> {
    const passage = breaker.enter();
    if (!passage) throw new CircuitOpenError();
    const startedAt = latencies ? performance.now() : 0;
    try {
      const answer = await (isHedged
        ? hedge((onStarted) => exchange(client, request, policy, scope, onStarted), {
            isGood: (candidate) => !isOverloaded(candidate),
            afterMs: policy.hedge.after === "p95" ? latencies?.p95() : policy.hedge.after,
            mayHedge: () => breaker.state() === "closed" && budget.spend(),
            onHedged: () => onRepeated?.("hedge"),
          })
        : exchange(client, request, policy, scope));
      breaker.leave(passage, isOverloaded(answer) ? "failed" : "ok");
      latencies?.add(performance.now() - startedAt);
      return answer;
    } catch (thrown) {
      breaker.leave(passage, isEndpointsFault(thrown) ? "failed" : "unknown");
      throw thrown;
    }
  }

  async function repeat(request: HttpRequest, scope: CallScope): Promise<HttpAnswer> {
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
    close: client.close,
  };
}

function createClient(
  origin: string,
  { connectTimeoutMs, connectionsMax, http2, caFile }: TransportPolicy,
): HttpClient {
  const ca = caFile === undefined ? undefined : readFileSync(caFile, "utf8");
  const options = { origin, connectTimeoutMs, connectionsMax, ca };
  return http2 ? createHttp2Client(options) : createHttp1Client(options);
}

function fits(scope: CallScope, waitMs: number): boolean {
  return performance.now() + waitMs < scope.endsAt;
}

/** A deadline is the endpoint's doing; a request that cannot be sent or asks for too much is its caller's, and a client that left nobody's. */
function isEndpointsFault(thrown: unknown): boolean {
  if (thrown instanceof ExchangeError) {
    return thrown.kind === "unanswered" || thrown.kind === "broken" || thrown.kind === "too-slow";
  }
  return thrown instanceof CallEnded && thrown.kind === "timeout";
}
