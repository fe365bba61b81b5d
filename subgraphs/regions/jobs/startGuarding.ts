/** Runs a region's guard: looks every second, and probes beside that, so that a region that does not answer delays no lease. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { FailoverClock } from "../domain/failover/clock.ts";
import type { Guard } from "./guardRegions.ts";

export type GuardingOptions = {
  readonly guard: Guard;
  readonly clock: Pick<FailoverClock, "lookEveryMs">;
  readonly log: Logger;
};

/** How often a region that is alone looks whether it still is. */
const aloneMs = 15_000;

export function startGuarding({ guard, clock, log }: GuardingOptions): {
  readonly stop: () => Promise<void>;
} {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = Promise.all([repeat(guard.look, "look"), repeat(guard.probe, "probe")]);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };

  async function repeat(work: () => Promise<boolean>, name: string): Promise<void> {
    while (!signal.aborted) {
      let hasJoined = true;
      try {
        hasJoined = await work();
      } catch (error) {
        // A database that does not answer is what the others are to notice; this region goes on when it is back.
        if (!signal.aborted)
          log.warn({ err: error, work: name }, "guarding regions failed and will try again");
      }
      await sleep(hasJoined ? clock.lookEveryMs : aloneMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
