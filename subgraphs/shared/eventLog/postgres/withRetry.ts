/** Outages pass: statements that may be repeated are, until the log has been away for too long. */
import { setTimeout as sleep } from "node:timers/promises";
import { EventLogError } from "../eventLogError.ts";

/** Time in which a database restarts or fails over. */
export const retryMsMax = 30_000;

const pauseMsMax = 2_000;

/** Rejects with UNAVAILABLE when the database was away throughout; other errors at once. */
export async function withRetry<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
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
  const longest = Math.min(pauseMsMax, 50 * 2 ** attempt);
  // The rejection of an aborted sleep says only what the caller checks next.
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
}

/** Connections that broke or could not be made, a server that stops or starts, a serialisation that lost: SQLSTATE classes 08, 57P, 40. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return (
    /^(08...|57P0[1-4]|40001|40P01|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(error.message)
  );
}
