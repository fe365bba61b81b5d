/** One call of one subgraph over HTTP, with everything `../transport` does to make it fast, bounded and worth waiting for. */
import { gzip } from "node:zlib";
import type { SubgraphAnswer, SubgraphCall, SubgraphText, SubgraphTextCall } from "../engine/engine.ts";
import { AppError, type GatewayErrorCode } from "../errors.ts";
import { CallEnded, withinScope } from "../transport/callScope.ts";
import type { CircuitState } from "../transport/circuitBreaker.ts";
import { CircuitOpenError, createEndpoint, type Endpoint } from "../transport/createEndpoint.ts";
import { acceptedEncodings } from "../transport/decodeBody.ts";
import type { HttpAnswer } from "../transport/exchange.ts";
import { ExchangeError } from "../transport/exchangeError.ts";
import type { FindPolicy, TransportPolicy } from "../transport/transportPolicy.ts";
import { isPlainAnswer, readSubgraphAnswer } from "./readSubgraphAnswer.ts";
import { createShareCalls } from "./shareCalls.ts";
import type { SignContext } from "./signContext.ts";
import { type SubgraphCallContext, toSubgraphHeaders } from "./subgraphHeaders.ts";

export type CallOptions = {
  /** URL of each subgraph by name; a URL that changes is taken up with the next call. */
  readonly endpoints: ReadonlyMap<string, string>;
  readonly sign: SignContext | undefined;
  readonly findPolicy: FindPolicy;
  readonly onCalled?: (call: SubgraphCallOutcome) => void;
  readonly onCircuit?: (subgraph: string, state: CircuitState) => void;
  readonly onRepeated?: (subgraph: string, kind: "retry" | "hedge") => void;
  /** A call got the answer of another that was under way. */
  readonly onShared?: (subgraph: string) => void;
};

export type SubgraphCallOutcome = {
  readonly subgraph: string;
  readonly requestId: string;
  readonly outcome: "ok" | "cancelled" | GatewayErrorCode;
  readonly durationMs: number;
  readonly cause?: unknown;
};

export type CallSubgraph = {
  readonly request: (call: SubgraphCall<SubgraphCallContext>) => Promise<SubgraphAnswer>;
  /** The same call before its answer is parsed. */
  readonly requestText: (call: SubgraphTextCall<SubgraphCallContext>) => Promise<SubgraphText>;
  readonly circuitOf: (subgraph: string) => CircuitState;
  /** Waits for calls under way. */
  readonly close: () => Promise<void>;
};

export function createCallSubgraph(options: CallOptions): CallSubgraph {
  const { endpoints, sign, findPolicy, onCalled, onCircuit, onRepeated, onShared } = options;
  const known = new Map<string, Endpoint>();
  const share = createShareCalls<HttpAnswer>(onShared);

  function findEndpoint(subgraph: string): Endpoint {
    const url = endpoints.get(subgraph);
    if (url === undefined) throw unavailable(subgraph, "has no URL in the supergraph");
    const old = known.get(subgraph);
    if (old?.url === url) return old;
    // Its calls under way are answered; nobody waits for that here.
    void old?.close();
    const endpoint = createEndpoint({
      url,
      policy: findPolicy(subgraph),
      onCircuit: (state) => onCircuit?.(subgraph, state),
      onRepeated: (kind) => onRepeated?.(subgraph, kind),
    });
    known.set(subgraph, endpoint);
    return endpoint;
  }

  async function send(
    { send: sendTo, policy }: Endpoint,
    call: SubgraphTextCall<SubgraphCallContext>,
  ): Promise<HttpAnswer> {
    const { operationKind, signal } = call;
    const headers = toSubgraphHeaders(sign, call.subgraph, call.context);
    if (policy.compression.answers) headers["accept-encoding"] = acceptedEncodings;
    const packed = packBody(call.body, policy, headers);
    const body = packed instanceof Promise ? await packed : packed;
    const request = { headers, body };
    return withinScope({ timeoutMs: policy.timeoutMs, signal }, (scope) =>
      sendTo(request, scope, operationKind === "query"),
    );
  }

  /** Sends, reads, tells how it went, and turns every failure into one with a code. */
  async function call<Answer>(
    called: SubgraphTextCall<SubgraphCallContext>,
    read: (answer: HttpAnswer) => Answer,
  ): Promise<Answer> {
    const startedAt = performance.now();
    const { subgraph, context } = called;
    const tell = (outcome: SubgraphCallOutcome["outcome"], cause?: unknown) => {
      const durationMs = performance.now() - startedAt;
      onCalled?.({ subgraph, requestId: context.requestId, outcome, durationMs, cause });
    };
    try {
      const answer = read(await share(called, () => send(findEndpoint(subgraph), called)));
      tell("ok");
      return answer;
    } catch (thrown) {
      const error = toSubgraphFailure(subgraph, thrown, findPolicy);
      tell(called.signal.aborted ? "cancelled" : error.code, error.cause);
      throw error;
    }
  }

  return {
    request: (called) =>
      call({ ...called, body: toBody(called) }, (answer) => readSubgraphAnswer(called.subgraph, answer)),
    requestText: (called) =>
      call(called, (answer) => {
        const parse = () => readSubgraphAnswer(called.subgraph, answer);
        const isPlain = isPlainAnswer(answer);
        // A failure is told, and counted, as `request` does; a success is looked at by the engine alone.
        if (!isPlain) parse();
        return { bytes: answer.bytes, isPlain, parse };
      }),
    circuitOf: (subgraph) => known.get(subgraph)?.circuit() ?? "closed",
    close: async () => {
      await Promise.all([...known.values()].map((endpoint) => endpoint.close()));
    },
  };
}

/** One character a byte, as the engine prints its own. */
function toBody({ query, operationName, variables }: SubgraphCall<SubgraphCallContext>): string {
  return Buffer.from(JSON.stringify({ query, operationName, variables })).toString("latin1");
}

/** Not async: a call that is not packed must not wait for a turn of the event loop. */
function packBody(
  text: string,
  { compression: { requestBytesMin } }: TransportPolicy,
  headers: Record<string, string>,
): string | Promise<Uint8Array> {
  if (requestBytesMin === null || text.length < requestBytesMin) return text;
  headers["content-encoding"] = "gzip";
  return new Promise((resolve, reject) => {
    gzip(Buffer.from(text, "latin1"), (error, packed) => (error ? reject(error) : resolve(packed)));
  });
}

function toSubgraphFailure(subgraph: string, thrown: unknown, findPolicy: FindPolicy): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof CallEnded) {
    if (thrown.kind === "left") return unavailable(subgraph, "was not waited for: the client left");
    return timedOut(subgraph, `did not answer within ${findPolicy(subgraph).timeoutMs} ms`);
  }
  if (thrown instanceof CircuitOpenError) {
    return unavailable(subgraph, "is not called for a moment, because most calls of it failed");
  }
  if (!(thrown instanceof ExchangeError)) return unavailable(subgraph, "could not be reached", thrown);
  const { kind, cause } = thrown;
  switch (kind) {
    case "unanswered":
      return unavailable(subgraph, "could not be reached", cause);
    case "broken":
      return unavailable(subgraph, "broke off its answer", cause);
    case "unsendable":
      return unavailable(subgraph, "was not asked, because the request would not be valid HTTP", cause);
    case "too-slow":
      return timedOut(subgraph, "was silent for too long", cause);
    case "too-large":
      return invalid(
        `Expected at most ${findPolicy(subgraph).answerBytesMax} bytes from the subgraph ${subgraph}, got more.`,
        cause,
      );
    case "undecodable":
      return invalid(
        `Expected an answer in ${acceptedEncodings} or not packed from the subgraph ${subgraph}, got one that cannot be unpacked.`,
        cause,
      );
  }
}

function timedOut(subgraph: string, how: string, cause?: unknown): AppError {
  return new AppError("SUBGRAPH_TIMEOUT", 504, `The subgraph ${subgraph} ${how}.`, { cause });
}

function invalid(message: string, cause: unknown): AppError {
  return new AppError("SUBGRAPH_INVALID_RESPONSE", 502, message, { cause });
}

function unavailable(subgraph: string, why: string, cause?: unknown): AppError {
  return new AppError("SUBGRAPH_UNAVAILABLE", 502, `The subgraph ${subgraph} ${why}.`, { cause });
}
