/** Runs the fetches of a plan with deferred fragments: each fragment's as soon as what they wait for is there. */

import { executePlan } from "../execution/executePlan.ts";
import type { Target } from "../execution/findTargets.ts";
import type { Failure, RunningOperation } from "../execution/runningOperation.ts";
import type { DeferredFetches, DeferredPlan } from "../planning/queryPlan.ts";

/** What went wrong among the fetches of one fragment, or of the immediate part. */
export type Fetched = { readonly failures: readonly Failure[] };

export type DeferredRun = {
  readonly primary: Promise<Fetched>;
  /** By the plan's label. */
  readonly late: ReadonlyMap<string, Promise<Fetched>>;
};

export function runDeferred<Context>(
  running: RunningOperation<Context>,
  plan: DeferredPlan,
  root: Target,
): DeferredRun {
  const fetches = createSignals();
  const late = new Map<string, Promise<Fetched>>();

  const run = async (node: DeferredPlan["primary"], failsApart: boolean): Promise<Fetched> => {
    const failures: Failure[] = [];
    await executePlan({ ...running, failures, failsApart, onFetched: fetches.set }, node, [root]);
    return { failures };
  };
  const startAll = (deferred: readonly DeferredFetches[], around: Promise<Fetched>): void => {
    for (const { label, after, node, deferred: nested } of deferred) {
      // A fetch that was not made, because nothing was there to make it for, is not waited for.
      const ready = Promise.race([Promise.all(after.map(fetches.get)), around]);
      const done = node ? ready.then(() => run(node, true)) : around.then(() => ({ failures: [] }));
      // Whoever asks for it is told.
      done.catch(() => {});
      late.set(label, done);
      startAll(nested, done);
    }
  };

  const primary = run(plan.primary, false);
  startAll(plan.deferred, primary);
  return { primary, late };
}

/** Things that happen once, each with a promise for those who wait. */
function createSignals() {
  const known = new Map<string, { readonly happened: Promise<void>; readonly set: () => void }>();
  const find = (id: string) => {
    const found = known.get(id) ?? createSignal();
    known.set(id, found);
    return found;
  };
  return { get: (id: string) => find(id).happened, set: (id: string) => find(id).set() };
}

function createSignal() {
  let set = () => {};
  const happened = new Promise<void>((resolve) => {
    set = resolve;
  });
  return { happened, set };
}
