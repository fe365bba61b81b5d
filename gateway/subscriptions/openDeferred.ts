/** An answer in parts on a connection that many operations share: it ends when its client completes it, or leaves. */
import type { Answer } from "../engine/engine.ts";
import { toAppError, toGraphQLError } from "../errors.ts";
import type { Operation, OperationRunner, Session } from "../runOperation.ts";
import { type DeferredPayload, toPayloads } from "./deferredPayloads.ts";

type DeferredToOpen = {
  readonly runner: Pick<OperationRunner, "executeDeferred">;
  readonly operation: Operation;
  readonly session: Session;
};

type OpenedDeferred = {
  readonly payloads: AsyncIterableIterator<DeferredPayload, void, undefined>;
  /** Resolves with the last part, or when the client has left. */
  readonly ended: Promise<void>;
};

/** The answer as it is when nothing of it is to come. */
export async function openDeferred({
  runner,
  operation,
  session,
}: DeferredToOpen): Promise<Answer | OpenedDeferred> {
  const controller = new AbortController();
  const signal = AbortSignal.any([session.signal, controller.signal]);
  const answer = await runner.executeDeferred(operation, { ...session, signal });
  if (answer.pending.length === 0) return answer.first;
  const payloads = toPayloads(answer, "path");
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  signal.addEventListener("abort", () => end(), { once: true });
  return {
    ended,
    // Not the generator itself: `return` of one waits for the part that it is waiting for.
    payloads: {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        try {
          const result = await payloads.next();
          if (result.done) end();
          return result;
        } catch (thrown) {
          end();
          return { done: false, value: { errors: [toGraphQLError(toAppError(thrown))], hasNext: false } };
        }
      },
      return: async () => {
        controller.abort();
        return { done: true, value: undefined };
      },
    },
  };
}
