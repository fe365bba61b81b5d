/**
 * The pulse of this region's replication: settles what waited for a row, replays what waited for its time, and sends a
 * heartbeat by which the others know how far they have heard. In a region that is alone there is nothing to do.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

export type Pulse = {
  /** False where the database has not joined other regions. */
  readonly beat: () => Promise<boolean>;
  /** Partitions ahead of time, and forgetting what is older than its retention. */
  readonly maintain: () => Promise<void>;
  readonly log: Logger;
};

const intervalMs = 500;
/** How often a region that is alone looks whether it still is. */
const aloneMs = 15_000;
const maintainEveryMs = 6 * 3_600_000;

export function startBeating({ beat, maintain, log }: Pulse): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };

  async function run(): Promise<void> {
    let maintainedAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const hasJoined = await attempt(beat);
      if (hasJoined && performance.now() - maintainedAt > maintainEveryMs) {
        maintainedAt = performance.now();
        await attempt(maintain);
      }
      await sleep(hasJoined ? intervalMs : aloneMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** A database that does not answer for a while is reported by whoever needs it; the pulse goes on when it is back. */
  async function attempt<Result>(work: () => Promise<Result>): Promise<Result | true> {
    try {
      return await work();
    } catch (error) {
      if (!signal.aborted)
        log.warn({ err: error }, "a heartbeat of replication failed and the next will try again");
      return true;
    }
  }
}
