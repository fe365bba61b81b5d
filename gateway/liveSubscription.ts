/** One subscription of a client, from supergraph to supergraph. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./engine/engine.ts";
import { AppError, type GatewayErrorCode, toAppError } from "./errors.ts";
import type { BindingRunner, Operation, Session } from "./runOperation.ts";
import type { Hold } from "./subscriptions/boundSubscription.ts";
import { createRebindableEvents, type Rebound } from "./subscriptions/rebindableEvents.ts";

/** What serves one supergraph, as far as a subscription is concerned. */
export type SubscriptionServer = { readonly runner: BindingRunner; readonly hold: Hold };

export type LiveSubscription = {
  readonly answers: AsyncGenerator<Answer, void, undefined>;
  /** Goes on with `next`, or ends with the reason why it cannot. Never rejects. */
  readonly moveTo: (next: SubscriptionServer) => Promise<Moved>;
};

export type Moved = Rebound | "ended" | "over";

/** What may be different in a moment; until then the subscription goes on as it was. */
const passing: ReadonlySet<GatewayErrorCode> = new Set([
  "PLANNING_OVERLOADED",
  "POLICY_UNAVAILABLE",
  "DECISION_LOG_FULL",
]);
/** 0.2 + 0.4 + … + 3.2 s. */
const attemptsMax = 6;
const firstWaitMs = 200;

/**
 * An answer when there is nothing to open: then it is all there is to say. `catchUp` is awaited before each event is
 * completed, so that none follows what is not in force any more.
 */
export async function openLiveSubscription(
  operation: Operation,
  session: Session,
  server: SubscriptionServer,
  catchUp: () => Promise<void> = async () => {},
): Promise<LiveSubscription | Answer> {
  const first = await server.runner.bind(operation, session);
  if (first.kind === "answered") return first.answer;
  const events = createRebindableEvents(first, server.hold);
  let served = { operation, schema: server.runner.schema };
  let isOver = false;
  /** Nothing is completed any more; what is left to say waits to be taken. */
  let isEnded = false;
  let moves = 0;

  async function prepareAgain({ runner }: SubscriptionServer): Promise<Operation> {
    for (let attempt = 1; ; attempt += 1) {
      const { operation: known, schema } = served;
      if (known.kind === "refused") throw new Error("a refused operation has no subscription");
      try {
        return await runner.prepareAgain(known, session, schema);
      } catch (thrown) {
        const isPassing = thrown instanceof AppError && passing.has(thrown.code);
        if (!isPassing || attempt === attemptsMax || isOver) throw thrown;
        await sleep(firstWaitMs * 2 ** attempt, undefined, { ref: false });
      }
    }
  }

  async function rebind(next: SubscriptionServer): Promise<Moved> {
    moves += 1;
    const move = moves;
    const prepared = await prepareAgain(next);
    const bound = await next.runner.bind(prepared, session);
    // The next supergraph may have been faster.
    if (isOver || move !== moves) return "over";
    if (bound.kind === "answered") {
      isEnded = true;
      events.end({ kind: "answer", answer: bound.answer });
      return "ended";
    }
    served = { operation: prepared, schema: next.runner.schema };
    return events.rebind(bound, next.hold);
  }

  async function* answer(): AsyncGenerator<Answer, void, undefined> {
    const leave = () => events.end();
    session.signal.addEventListener("abort", leave, { once: true });
    if (session.signal.aborted) leave();
    try {
      for (let taken = await events.next(); taken; taken = await events.next()) {
        await catchUp();
        if (isEnded) {
          taken.done();
          continue;
        }
        const answered = await taken.complete().finally(taken.done);
        if (session.signal.aborted) return;
        if (answered) yield answered;
      }
    } finally {
      isOver = true;
      session.signal.removeEventListener("abort", leave);
      events.end();
    }
  }

  return {
    answers: answer(),
    moveTo: async (next) => {
      const release = next.hold();
      try {
        return await rebind(next);
      } catch (thrown) {
        isEnded = true;
        events.end({ kind: "error", thrown: toAppError(thrown) });
        return "ended";
      } finally {
        release();
      }
    },
  };
}
