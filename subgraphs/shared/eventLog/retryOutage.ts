/** Outages pass: what may be repeated is, until the log has been away for too long. */
import { setTimeout as sleep } from "node:timers/promises";
import { EventLogError } from "./eventLogError.ts";

/** Time in which a database or a broker restarts or fails over. */
export const retryMsMax = 30_000;

const pauseMsMax = 2_000;

export type RetryOptions = {
  readonly isOutage: (error: unknown) => boolean;
  /** Aborted when the log closes. */
  readonly signal: AbortSignal;
};

/** Rejects with UNAVAILABLE when the log was away throughout; other errors at once. */
export async function retryOutage<Result>(
  work: () => Promise<Result>,
  { isOutage, signal }: RetryOptions,
): Promise<Result> {
  const giveUpAt = Date.now() + retryMsMax;
  for (let attempt = 0; ; attempt += 1) {
    if (signal.aborted) throw new EventLogError("CLOSED", "the event log was closed");
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error)) throw error;
      if (Date.now() >= giveUpAt) {
        throw new EventLogError("UNAVAILABLE", "the event log does not answer", { cause: error });
      }
      await pause(attempt, signal);
    }
  }
}

/** 50 ms, doubled with each attempt up to 2 s, and a random half of it so that many do not come back at once. */
export async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  // The rejection of an aborted sleep says only what the caller checks next.
  await sleep(pauseMsOf(attempt), undefined, { signal }).catch(() => undefined);
}

export function pauseMsOf(attempt: number): number {
  return Math.min(pauseMsMax, 50 * 2 ** attempt) * (0.5 + Math.random() / 2);
}
