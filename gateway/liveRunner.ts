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
  /**
   * Authorizes running subscriptions again, and all that follows from it, because policies have changed. No event is
   * answered before that was done for its subscription.
   */
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

/** Counts what is in force: a supergraph, and the rules for it. */
type Prepared = { readonly serving: Serving; readonly epoch: number };

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
  let epoch = 0;
  const preparedWith = new WeakMap<Operation, Prepared>();
  /** The epoch for which each was prepared, or is being prepared last, and when that is done. */
  const subscriptions = new Map<
    LiveSubscription,
    { readonly epoch: number; readonly moving: Promise<unknown> }
  >();

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

  function find(operation: Operation): Prepared {
    const prepared = preparedWith.get(operation);
    if (!prepared) throw new Error("an operation that this runner did not prepare");
    return prepared;
  }

  /** On the serving that prepared `operation`, which stays open until `run` has ended. */
  async function runHeld<Result>(
    operation: Operation,
    run: (runner: BindingRunner) => Promise<Result>,
  ): Promise<Result> {
    const { serving } = find(operation);
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

  async function moveAll(): Promise<void> {
    const target = epoch;
    const moved = { kept: 0, reopened: 0, ended: 0 };
    const waiting = [...subscriptions]
      .filter(([, prepared]) => prepared.epoch !== target)
      .map(([one]) => one);
    const moveNext = async (): Promise<void> => {
      // When there is a newer one, its own round moves them all.
      for (let next = waiting.shift(); next && epoch === target; next = waiting.shift()) {
        // It may have ended, or had an event and not waited for its turn.
        if ((subscriptions.get(next)?.epoch ?? target) === target) continue;
        const outcome = await move(next);
        if (outcome !== "over") moved[outcome] += 1;
        // A thousand of them must not keep requests waiting.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all(Array.from({ length: movingAtOnce }, moveNext));
    if (epoch === target) onMoved(moved);
  }

  function move(subscription: LiveSubscription): Promise<Moved> {
    const moving = subscription.moveTo(toServer(current));
    subscriptions.set(subscription, { epoch, moving });
    return moving;
  }

  async function* subscribe(...[operation, session]: Parameters<OperationRunner["subscribe"]>) {
    const { serving, epoch: preparedFor } = find(operation);
    const release = hold(serving);
    let live: LiveSubscription | undefined;
    const catchUp = async () => {
      for (let known = live && subscriptions.get(live); live && known; known = subscriptions.get(live)) {
        if (known.epoch !== epoch) void move(live);
        else {
          await known.moving;
          if (known.epoch === epoch) return;
        }
      }
    };
    let opened: Awaited<ReturnType<typeof openLiveSubscription>>;
    try {
      opened = await openLiveSubscription(operation, session, toServer(serving), catchUp);
    } finally {
      release();
    }
    if (!("answers" in opened)) {
      yield opened;
      return;
    }
    live = opened;
    subscriptions.set(opened, { epoch: preparedFor, moving: Promise.resolve() });
    try {
      // While it was being opened.
      if (preparedFor !== epoch) await move(opened);
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
      epoch += 1;
      void moveAll();
      closeWhenQuiet(old);
    },
    reconsider: () => {
      epoch += 1;
      void moveAll();
    },
    close: async () => {
      await Promise.all([...running.keys()].map((serving) => serving.close()));
    },
    runner: {
      identify: (authorization) => current.runner.identify(authorization),
      async prepare(parameters, session) {
        const prepared = { serving: current, epoch };
        const { serving } = prepared;
        const release = hold(serving);
        try {
          const operation = await serving.runner.prepare(parameters, session);
          preparedWith.set(operation, prepared);
          return operation;
        } finally {
          release();
        }
      },
      execute: (operation, session) => runHeld(operation, (runner) => runner.execute(operation, session)),
      executeText: (operation, session) =>
        runHeld(operation, (runner) => runner.executeText(operation, session)),
      async executeDeferred(operation, session) {
        const { serving } = find(operation);
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
