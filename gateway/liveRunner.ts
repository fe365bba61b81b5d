/**
 * One runner for the transports, whatever supergraph is served at the moment. An operation runs to its end, and a
 * subscription as long as it lasts, on what it was prepared with; what was replaced is closed when nothing runs on it.
 */
import type { Serving } from "./createServing.ts";
import type { Operation, OperationRunner } from "./runOperation.ts";

export type LiveRunner = {
  readonly runner: OperationRunner;
  readonly current: () => Serving;
  /** From now on, what is prepared is prepared with `next`. */
  readonly swap: (next: Serving) => void;
  /** Closes all, whatever runs. */
  readonly close: () => Promise<void>;
};

type Options = {
  readonly first: Serving;
  readonly onClosed?: (serving: Serving) => void;
  /** How long nothing must run on it before it is closed, for operations between two steps. Default 1 s. */
  readonly quietMs?: number;
};

export function createLiveRunner({ first, onClosed = () => {}, quietMs = 1_000 }: Options): LiveRunner {
  let current = first;
  const running = new Map<Serving, number>([[first, 0]]);
  const servingOf = new WeakMap<Operation, Serving>();

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
    run: (runner: OperationRunner) => Promise<Result>,
  ): Promise<Result> {
    const serving = find(operation);
    const release = hold(serving);
    try {
      return await run(serving.runner);
    } finally {
      release();
    }
  }

  return {
    current: () => current,
    swap: (next) => {
      const old = current;
      running.set(next, 0);
      current = next;
      closeWhenQuiet(old);
    },
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
      async *subscribe(operation, session) {
        const serving = find(operation);
        const release = hold(serving);
        try {
          yield* serving.runner.subscribe(operation, session);
        } finally {
          release();
        }
      },
    },
  };
}
