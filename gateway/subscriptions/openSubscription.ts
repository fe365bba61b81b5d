/**
 * What every transport does with a subscription, told apart from how it carries events: it ends at once when the client
 * leaves, and with an error when the token expires or the gateway stops, whatever its source is waiting for.
 */
import type { Answer } from "../engine/engine.ts";
import { AppError, toAppError, toGraphQLError } from "../errors.ts";
import type { Operation, OperationRunner, Session } from "../runOperation.ts";

type Waiting = {
  readonly resolve: (result: IteratorResult<Answer, void>) => void;
  readonly reject: (error: Error) => void;
};

export type SubscriptionToOpen = {
  readonly runner: Pick<OperationRunner, "subscribe">;
  readonly operation: Operation;
  readonly session: Session;
  /** Called once, however it ends. */
  readonly onEnd: () => void;
};

/**
 * Not an async generator: `return` of one waits for the `next` under way, which for a quiet source is for ever. An
 * abort of `session.signal` ends the stream, and with an error when its reason is an AppError.
 */
export function openSubscription({
  runner,
  operation,
  session,
  onEnd,
}: SubscriptionToOpen): AsyncIterableIterator<Answer, void, undefined> {
  const controller = new AbortController();
  const source = runner.subscribe(operation, { ...session, signal: controller.signal });
  const done: IteratorReturnResult<void> = { done: true, value: undefined };
  let waiting: Waiting | undefined;
  let failure: Error | undefined;
  let isOver = false;

  function end(thrown?: unknown): void {
    if (isOver) return;
    isOver = true;
    onEnd();
    session.signal.removeEventListener("abort", onAbort);
    controller.abort();
    // Lets the source clean up; nobody waits for what it still has to say.
    source.return().catch(() => {});
    if (thrown !== undefined) failure = toGraphQLError(toAppError(thrown));
    if (waiting) settle(waiting);
  }

  function settle({ resolve, reject }: Waiting): void {
    waiting = undefined;
    if (failure) reject(failure);
    else resolve(done);
    failure = undefined;
  }

  function onAbort(): void {
    const { reason } = session.signal;
    end(reason instanceof AppError ? reason : undefined);
  }
  session.signal.addEventListener("abort", onAbort, { once: true });
  if (session.signal.aborted) onAbort();

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      new Promise((resolve, reject) => {
        if (isOver) return settle({ resolve, reject });
        waiting = { resolve, reject };
        source.next().then((result) => {
          if (result.done) return end();
          waiting = undefined;
          return resolve(result);
        }, end);
      }),
    return: async () => {
      end();
      return done;
    },
  };
}
