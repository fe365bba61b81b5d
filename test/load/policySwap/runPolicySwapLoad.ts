/**
 * Policies that change again and again while clients subscribe and ask: what of it they notice, and by which rules each
 * event came. Events are numbered; one that happens after a swap must follow the new rules at every client. The next is
 * told when all clients have the last: a machine that is slow takes longer and fails at nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { askConstantly } from "../supergraphSwap/askConstantly.ts";
import { followRules, type RuleFollower } from "./followRules.ts";

export type PolicySwapLoad = {
  readonly graphql: string;
  readonly socket: string;
  readonly subscriptions: number;
  /** At most so often. */
  readonly eventEveryMs: number;
  readonly swaps: number;
  /** Events before the first swap and after each. */
  readonly eventsBetween: number;
  /** Grants the fields in question to everybody, or takes them away; resolves when those rules are in force. */
  readonly swap: (isGranted: boolean) => Promise<void>;
  readonly addBook: (title: string) => void;
  /** How long one step may take; what did not come by then is counted as lost. */
  readonly patienceMs: number;
  /** Sources open at the subgraph now. */
  readonly countSources: () => Promise<number>;
};

export type PolicySwapResult = {
  readonly requests: number;
  readonly failedRequests: number;
  readonly swapMs: readonly number[];
  readonly events: number;
  readonly delivered: number;
  /** Never came. */
  readonly lostEvents: number;
  /** Came with an error that is no denial. */
  readonly failedEvents: number;
  readonly repeatedEvents: number;
  readonly clientErrors: number;
  /** Shown though it was denied when it happened. Of all things this must be 0. */
  readonly shownAgainstTheRules: number;
  /** Not shown though granted when it happened. */
  readonly withheldAgainstTheRules: number;
  readonly examples: readonly string[];
};

type Period = { readonly from: number; to: number; readonly isGranted: boolean };

export async function runPolicySwapLoad(load: PolicySwapLoad): Promise<PolicySwapResult> {
  const { graphql, socket, subscriptions, addBook, countSources, eventEveryMs, eventsBetween } = load;
  await using followers = followRules(socket, subscriptions);
  const { all } = followers;
  const until = createUntil(load.patienceMs);
  await until(async () => (await countSources()) === subscriptions, "all to be subscribed");
  const stopAsking = askConstantly(graphql, 4, 20);
  let events = 0;
  let isOver = false;
  const haveLast = async () => all.every(({ numbers }) => numbers.has(events));
  const tellAll = async () => {
    while (!isOver) {
      events += 1;
      addBook(String(events));
      await sleep(eventEveryMs);
      await until(haveLast, `event ${events} at all clients`);
    }
  };
  const telling = tellAll();
  const periods: Period[] = [{ from: 1, to: Number.POSITIVE_INFINITY, isGranted: true }];
  const swapMs: number[] = [];
  try {
    for (let at = 0; at < load.swaps; at += 1) {
      await until(async () => events >= (periods.at(-1)?.from ?? 0) + eventsBetween, "events");
      const isGranted = at % 2 === 1;
      // What happens while the rules change may follow either.
      const last = periods.at(-1);
      if (last) last.to = events;
      const startedAt = performance.now();
      await load.swap(isGranted);
      swapMs.push(Math.round(performance.now() - startedAt));
      periods.push({ from: events + 1, to: Number.POSITIVE_INFINITY, isGranted });
    }
    await until(async () => events >= (periods.at(-1)?.from ?? 0) + eventsBetween, "events");
  } finally {
    isOver = true;
    await telling;
  }
  const { durationsMs, faults } = await stopAsking();
  const problems = all.flatMap((follower) => follower.problems);
  return {
    requests: durationsMs.length,
    failedRequests: faults.length,
    swapMs,
    events,
    delivered: sum(all, (follower) => follower.events.length),
    lostEvents: sum(all, (follower) => events - follower.numbers.size),
    failedEvents: sum(all, (follower) => follower.events.filter(({ fate }) => fate === "failed").length),
    repeatedEvents: sum(all, (follower) => follower.events.length - follower.numbers.size),
    clientErrors: problems.length,
    shownAgainstTheRules: sum(all, (follower) => countBroken(follower, periods, false)),
    withheldAgainstTheRules: sum(all, (follower) => countBroken(follower, periods, true)),
    examples: [...faults, ...problems].slice(0, 5),
  };
}

/** Events of periods with that rule which did not follow it. */
function countBroken({ events }: RuleFollower, periods: readonly Period[], isGranted: boolean): number {
  return events.filter(({ number, fate }) => {
    const period = periods.find(({ from, to }) => number >= from && number <= to);
    return (
      period !== undefined && period.isGranted === isGranted && fate === (isGranted ? "withheld" : "shown")
    );
  }).length;
}

function sum(all: readonly RuleFollower[], count: (follower: RuleFollower) => number): number {
  return all.reduce((total, follower) => total + count(follower), 0);
}

function createUntil(patienceMs: number) {
  return async (isTrue: () => Promise<boolean>, what: string): Promise<void> => {
    const deadline = performance.now() + patienceMs;
    while (!(await isTrue())) {
      // What was lost is then counted, and is what a test shows.
      if (performance.now() > deadline) return console.error(`waited in vain for ${what}`);
      await sleep(20);
    }
  };
}
