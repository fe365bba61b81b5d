/** Runs a region's guard: looks every second, and probes beside that, so that a region that does not answer delays no lease. */
import type { Logger } from "pino";
import { type Job, repeatUntilStopped } from "../../shared/repeatUntilStopped.ts";
import type { FailoverClock } from "../domain/failover/clock.ts";
import type { Guard } from "./guardRegions.ts";

export type GuardingOptions = {
  readonly guard: Guard;
  readonly clock: Pick<FailoverClock, "lookEveryMs">;
  readonly log: Logger;
};

/** How often a region that is alone looks whether it still is. */
const aloneMs = 15_000;

export function startGuarding({ guard, clock, log }: GuardingOptions): Job {
  const jobs = [repeat(guard.look, "look"), repeat(guard.probe, "probe")];
  return {
    stop: async () => {
      await Promise.all(jobs.map((job) => job.stop()));
    },
  };

  function repeat(work: () => Promise<boolean>, name: string): Job {
    return repeatUntilStopped(
      async () => ((await work()) ? clock.lookEveryMs : aloneMs),
      (error, signal) => {
        // A database that does not answer is what the others are to notice; this region goes on when it is back.
        if (!signal.aborted)
          log.warn({ err: error, work: name }, "guarding regions failed and will try again");
        return clock.lookEveryMs;
      },
    );
  }
}
