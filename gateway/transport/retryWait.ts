/** Full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/): callers that failed together do not come back together. */
import type { RetryPolicy } from "./transportPolicy.ts";

export function chooseWaitMs(
  { waitMs, waitMaxMs }: RetryPolicy,
  attempt: number,
  retryAfter: string | undefined,
  random: () => number = Math.random,
): number {
  const jittered = random() * Math.min(waitMaxMs, waitMs * 2 ** attempt);
  return Math.max(jittered, parseRetryAfter(retryAfter) ?? 0);
}

/** Seconds or an HTTP date (RFC 9110 §10.2.3), as milliseconds from now. */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
