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

type Running<Answer> = { readonly answer: Promise<Answer>; readonly signal: AbortSignal };

export function createShareCalls<Answer>(
  onShared: (subgraph: string) => void = () => {},
): ShareCalls<Answer> {
  /** Of identified callers, who are one object for each token. */
  const ofCallers = new WeakMap<Caller, Map<string, Running<Answer>>>();
  const keyOf = createKeyOf();

  return async function share(call, send) {
    const { subgraph, operationKind, body, context, signal } = call;
    if (operationKind !== "query" || body.length > bodyCharsMax) return send();
    const running = ofCallers.get(context.caller) ?? new Map<string, Running<Answer>>();
    ofCallers.set(context.caller, running);
    const key = `${subgraph} ${keyOf(context)} ${body}`;
    const known = running.get(key);
    if (!known) {
      const answer = send();
      running.set(key, { answer, signal });
      try {
        return await answer;
      } finally {
        running.delete(key);
      }
    }
    onShared(subgraph);
    try {
      return await withinSignal(known.answer, signal);
    } catch (thrown) {
      // It ended because the one who asked first has left. Who is still here asks anew.
      if (known.signal.aborted && !signal.aborted) return share(call, send);
      throw thrown;
    }
  };
}

/** Everything in a context but what is there to tell requests apart: whatever is added to it one day counts too. */
function createKeyOf(): (context: SubgraphCallContext) => string {
  const known = new WeakMap<SubgraphCallContext, string>();
  return (context) => {
    const found = known.get(context);
    if (found !== undefined) return found;
    const { requestId, traceparent, operationId, decisionId, caller, ...told } = context;
    // Anonymous callers are one object, and not one caller: without credentials of their own each shares with nobody.
    const who = caller.kind === "anonymous" && !hasCredentials(told.forwarded) ? requestId : "";
    const key = JSON.stringify([who, told]);
    known.set(context, key);
    return key;
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
