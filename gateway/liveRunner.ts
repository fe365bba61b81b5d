/**
 * One runner for the transports, whatever supergraph is served at the moment. A query or mutation runs to its end on what
 * it was prepared with; a subscription moves on to what is served. What was replaced is closed when nothing runs on it.
 */
import type { Serving } from "./createServing.ts";
import { type LiveSubscription, type Moved, openLiveSubscription } from "./liveSubscription.ts";
import type { BindingRunner, Operation, OperationRunner } from "./runOperation.ts";
import type { Hold } from "./subscriptions/boundSubscription.ts";
import { whenPartsEnd } from "./whenPartsEnd.ts";

export type LiveRunner = {
  readonly runner: OperationRunner;
  readonly current: () => Serving;
  /** From now on, what is prepared is prepared with `next`. */
  readonly swap: (next: Serving) => void;
  /** Authorizes running subscriptions again, and all that follows from it, because policies have changed. */
  readonly reconsider: () => void;
  /** Closes all, whatever runs. */
  readonly close: () => Promise<void>;
};

/** How many subscriptions went which way. */
export type MovedSubscriptions = Readonly<Record<Exclude<Moved, "over">, number>>;

type Options = {
  readonly first: Serving;
  readonly onClosed?: (serving: Serving) => void;
  /** Called after each swap and reconsideration, when no subscription runs on the old one any more. */
  readonly onMoved?: (moved: MovedSubscriptions) => void;
  /** How long nothing must run on it before it is closed, for operations between two steps. Default 1 s. */
  readonly quietMs?: number;
};

/** Each may wait for a planner; more at once would only wait for each other. */
const movingAtOnce = 8;

export function createLiveRunner({
  first,
  onClosed = () => {},
  onMoved = () => {},
  quietMs = 1_000,
}: Options): LiveRunner {
  let current = first;
  const running = new Map<Serving, number>([[first, 0]]);
  const servingOf = new WeakMap<Operation, Serving>();
  /** With what each was bound or is being moved to last. */
  const subscriptions = new Map<LiveSubscription, Serving>();

  /** Keeps `serving` open until the function that it returns is called. */
  function hold(serving: Serving): () => void {
    const add = (change: 1 | -1) => running.set(serving, (running.get(serving) ?? 0) + change);
    add(1);
    return () => {
      add(-1);
      closeWhenQuiet(serving);
    };
  }

  function closeWhenQuiet(serving: Serving): void {
    const isIdle = () => serving !== current && running.get(serving) === 0;
    if (!isIdle()) return;
    setTimeout(() => {
      if (!isIdle()) return;
      running.delete(serving);
      serving.close().then(
        () => onClosed(serving),
        () => {},
      );
    }, quietMs).unref();
  }

  function find(operation: Operation): Serving {
    const serving = servingOf.get(operation);
    if (!serving) throw new Error("an operation that this runner did not prepare");
    return serving;
  }

  /** On the serving that prepared `operation`, which stays open until `run` has ended. */
  async function runHeld<Result>(
    operation: Operation,
    run: (runner: BindingRunner) => Promise<Result>,
  ): Promise<Result> {
    const serving = find(operation);
    const release = hold(serving);
    try {
      return await run(serving.runner);
    } finally {
      release();
    }
  }

  const toServer = (serving: Serving) => {
    const holdServing: Hold = () => hold(serving);
    return { runner: serving.runner, hold: holdServing };
  };

  /** All but those that `isDone` tells of. */
  async function moveAll(isDone: (servedBy: Serving) => boolean): Promise<void> {
    const target = current;
    const moved = { kept: 0, reopened: 0, ended: 0 };
    const waiting = [...subscriptions].flatMap(([moving, serving]) => (isDone(serving) ? [] : [moving]));
    const moveNext = async (): Promise<void> => {
      // When there is a newer one, its own round moves them all.
      for (let next = waiting.shift(); next && current === target; next = waiting.shift()) {
        if (!subscriptions.has(next)) continue;
        const outcome = await move(next);
        if (outcome !== "over") moved[outcome] += 1;
        // A thousand of them must not keep requests waiting.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all(Array.from({ length: movingAtOnce }, moveNext));
    if (current === target) onMoved(moved);
  }

  function move(subscription: LiveSubscription): Promise<Moved> {
    subscriptions.set(subscription, current);
    return subscription.moveTo(toServer(current));
  }

  async function* subscribe(...[operation, session]: Parameters<OperationRunner["subscribe"]>) {
    const serving = find(operation);
    const release = hold(serving);
    let opened: Awaited<ReturnType<typeof openLiveSubscription>>;
    try {
      opened = await openLiveSubscription(operation, session, toServer(serving));
    } finally {
      release();
    }
    if (!("answers" in opened)) {
      yield opened;
      return;
    }
    subscriptions.set(opened, serving);
    try {
      // While it was being opened.
      if (serving !== current) await move(opened);
      yield* opened.answers;
    } finally {
      subscriptions.delete(opened);
    }
  }

  return {
    current: () => current,
    swap: (next) => {
      const old = current;
      running.set(next, 0);
      current = next;
      void moveAll((servedBy) => servedBy === next);
      closeWhenQuiet(old);
    },
    reconsider: () => void moveAll(() => false),
    close: async () => {
      await Promise.all([...running.keys()].map((serving) => serving.close()));
    },
    runner: {
      identify: (authorization) => current.runner.identify(authorization),
      async prepare(parameters, session) {
        const serving = current;
        const release = hold(serving);
        try {
          const operation = await serving.runner.prepare(parameters, session);
          servingOf.set(operation, serving);
          return operation;
        } finally {
          release();
        }
      },
      execute: (operation, session) => runHeld(operation, (runner) => runner.execute(operation, session)),
      executeText: (operation, session) =>
        runHeld(operation, (runner) => runner.executeText(operation, session)),
      async executeDeferred(operation, session) {
        const serving = find(operation);
        const release = hold(serving);
        try {
          const answer = await serving.runner.executeDeferred(operation, session);
          return whenPartsEnd(answer, session.signal, release);
        } catch (thrown) {
          release();
          throw thrown;
        }
      },
      subscribe,
    },
  };
}
