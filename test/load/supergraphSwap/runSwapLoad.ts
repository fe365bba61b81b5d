/**
 * A supergraph that changes again and again while clients subscribe and ask: what of it they notice. Events are numbered,
 * so a lost one and a repeated one are seen at every client.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { askConstantly } from "./askConstantly.ts";
import { type Follower, followEvents } from "./followEvents.ts";

export type SwapLoad = {
  readonly graphql: string;
  readonly socket: string;
  readonly subscriptions: number;
  readonly askers: number;
  /** Rest of an asker between two requests. */
  readonly askPauseMs: number;
  readonly eventEveryMs: number;
  /** Each resolves when the supergraph that it brings is served. */
  readonly swaps: readonly Swap[];
  /** Time with events before and after each swap. */
  readonly aroundSwapMs: number;
  readonly addBook: (title: string) => void;
  /** Sources open at the subgraph now. */
  readonly countSources: () => Promise<number>;
};

export type Swap = { readonly name: string; readonly run: () => Promise<void> };

export type SwapLoadResult = {
  readonly swaps: readonly { readonly name: string; readonly durationMs: number }[];
  readonly requests: number;
  readonly failedRequests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly events: number;
  readonly delivered: number;
  readonly lostEvents: number;
  readonly repeatedEvents: number;
  readonly clientErrors: number;
  /** Some of what went wrong, for people. */
  readonly examples: readonly string[];
};

const settleMsMax = 120_000;

export async function runSwapLoad(load: SwapLoad): Promise<SwapLoadResult> {
  const { graphql, socket, subscriptions, addBook, countSources } = load;
  await using followers = followEvents(socket, subscriptions);
  const { all } = followers;
  await until(async () => (await countSources()) === subscriptions, "all to be subscribed");
  const stopAsking = askConstantly(graphql, load.askers, load.askPauseMs);
  let events = 0;
  const telling = setInterval(() => addBook(String(++events)), load.eventEveryMs);
  const swaps: SwapLoadResult["swaps"][number][] = [];
  try {
    for (const { name, run } of load.swaps) {
      await sleep(load.aroundSwapMs);
      const startedAt = performance.now();
      await run();
      swaps.push({ name, durationMs: performance.now() - startedAt });
      await sleep(load.aroundSwapMs);
      // Where sources were opened anew, the old ones are left when both have told the same event.
      await until(async () => (await countSources()) === subscriptions, "one source for each subscription");
    }
  } finally {
    clearInterval(telling);
  }
  const { durationsMs, faults } = await stopAsking();
  await until(async () => all.every(({ numbers }) => numbers.includes(events)), "the last event");
  const sorted = [...durationsMs].sort((one, other) => one - other);
  const problems = all.flatMap((follower) => follower.problems);
  return {
    swaps,
    requests: durationsMs.length,
    failedRequests: faults.length,
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    events,
    delivered: sum(all, ({ numbers }) => numbers.length),
    lostEvents: sum(all, ({ numbers }) => events - new Set(numbers).size),
    repeatedEvents: sum(all, ({ numbers }) => numbers.length - new Set(numbers).size),
    clientErrors: problems.length,
    examples: [...faults, ...problems].slice(0, 5),
  };
}

function sum(all: readonly Follower[], count: (follower: Follower) => number): number {
  return all.reduce((total, follower) => total + count(follower), 0);
}

async function until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + settleMsMax;
  while (!(await isTrue())) {
    // What was lost is then counted, and is what a test shows.
    if (performance.now() > deadline) return console.error(`waited in vain for ${what}`);
    await sleep(50);
  }
}
