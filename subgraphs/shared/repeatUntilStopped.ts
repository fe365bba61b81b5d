/** A job that goes on by itself: one turn after the other until it is stopped. */
import { setTimeout as sleep } from "node:timers/promises";

export type Job = {
  /** Finishes the turn under way. */
  readonly stop: () => Promise<void>;
};

/** A turn answers how many milliseconds to rest after it; 0 goes on at once. After one that fails `onFailure` does. */
export function repeatUntilStopped(
  turn: (signal: AbortSignal) => Promise<number>,
  onFailure: (error: unknown, signal: AbortSignal) => number,
): Job {
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
    while (!signal.aborted) {
      const restMs = await turn(signal).catch((error: unknown) => onFailure(error, signal));
      if (restMs > 0) await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
