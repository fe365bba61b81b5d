/**
 * The same question of the same caller to the same subgraph, asked again while the answer is under way, gets that answer.
 * Only queries; and only where everything that the subgraph is told of caller and operation is the same, but for the ids
 * by which requests are told apart.
 */
import type { SubgraphTextCall } from "../engine/engine.ts";
import { CallEnded } from "../transport/callScope.ts";
import { whenAborted } from "../transport/whenAborted.ts";
import type { Caller } from "./identifyCaller.ts";
import type { SubgraphCallContext } from "./subgraphHeaders.ts";

export type ShareCalls<Answer> = (
  call: SubgraphTextCall<SubgraphCallContext>,
  send: () => Promise<Answer>,
) => Promise<Answer>;

/** Longer ones are never alike, and to compare them costs more than it brings. */
const bodyCharsMax = 16_384;

/** A class, for what is done with it once it is over: tables of a Map that are no longer used may outlive what they held. */
class Running<Answer> {
  readonly subgraph: string;
  readonly body: string;
  answer: Promise<Answer> | undefined;
  signal: AbortSignal | undefined;

  constructor({ subgraph, body, signal }: SubgraphTextCall<SubgraphCallContext>, answer: Promise<Answer>) {
    this.subgraph = subgraph;
    this.body = body;
    this.signal = signal;
    this.answer = answer;
  }

  forget(): void {
    this.answer = undefined;
    this.signal = undefined;
  }
}

export function createShareCalls<Answer>(
  onShared: (subgraph: string) => void = () => {},
): ShareCalls<Answer> {
  /**
   * Of identified callers, who are one object for each token, by all else that subgraphs are told. Bodies are compared, not
   * looked up: most calls have no equal, and the hash of a long body costs more than everything else here.
   */
  const ofCallers = new WeakMap<Caller, Map<string, Running<Answer>[]>>();
  const keyOf = createKeyOf();

  return async function share(call, send) {
    const { subgraph, operationKind, body, context, signal } = call;
    if (operationKind !== "query" || body.length > bodyCharsMax) return send();
    const key = keyOf(context);
    const ofCaller = ofCallers.get(context.caller) ?? new Map<string, Running<Answer>[]>();
    const alike = ofCaller.get(key);
    const known = alike?.find((one) => one.subgraph === subgraph && one.body === body);
    if (!known?.answer) {
      const answer = send();
      const running = new Running(call, answer);
      if (alike) alike.push(running);
      else {
        ofCaller.set(key, [running]);
        ofCallers.set(context.caller, ofCaller);
      }
      try {
        return await answer;
      } finally {
        running.forget();
        takeOut(ofCaller, key, running);
      }
    }
    const { answer, signal: signalOfFirst } = known;
    onShared(subgraph);
    try {
      return await withinSignal(answer, signal);
    } catch (thrown) {
      // It ended because the one who asked first has left. Who is still here asks anew.
      if (signalOfFirst?.aborted && !signal.aborted) return share(call, send);
      throw thrown;
    }
  };
}

function takeOut<Answer>(
  ofCaller: Map<string, Running<Answer>[]>,
  key: string,
  running: Running<Answer>,
): void {
  const alike = ofCaller.get(key);
  if (!alike) return;
  alike.splice(alike.indexOf(running), 1);
  if (alike.length === 0) ofCaller.delete(key);
}

/**
 * Everything in a context but what is there to tell requests apart: whatever is added to it one day counts too. An operation
 * has one context and asks several subgraphs at a time, so the last one is remembered.
 */
function createKeyOf(): (context: SubgraphCallContext) => string {
  let last: SubgraphCallContext | undefined;
  let lastKey = "";
  return (context) => {
    if (context === last) return lastKey;
    const { requestId, traceparent, operationId, decisionId, caller, ...told } = context;
    // Anonymous callers are one object, and not one caller: without credentials of their own each shares with nobody.
    const who = caller.kind === "anonymous" && !hasCredentials(told.forwarded) ? requestId : "";
    last = context;
    lastKey = JSON.stringify([who, told]);
    return lastKey;
  };
}

function hasCredentials(forwarded: SubgraphCallContext["forwarded"]): boolean {
  return forwarded.authorization !== undefined || forwarded.cookie !== undefined;
}

/** Rejects when the signal is aborted first; the answer then comes for the others. */
function withinSignal<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  if (signal.aborted) return Promise.reject(new CallEnded("left"));
  return new Promise((resolve, reject) => {
    const forget = whenAborted(signal, { onAborted: () => reject(new CallEnded("left")) });
    answer.then(resolve, reject).finally(forget);
  });
}
