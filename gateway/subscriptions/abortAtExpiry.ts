/** A stream may outlive the token that opened it; this ends it when the token would no longer be let in. */
import { AppError } from "../errors.ts";
import { type Caller, leewayS } from "../stages/identifyCaller.ts";

/** Timers of Node hold no longer delays; a token that lives for more than 24 days does not end a stream. */
const timerMsMax = 2 ** 31 - 1;

/** Returns the function that gives the timer back. Anonymous callers never expire. */
export function abortAtExpiry(caller: Caller, controller: AbortController, now = Date.now()): () => void {
  if (caller.expiresAt === null) return () => {};
  const leftMs = (caller.expiresAt + leewayS) * 1_000 - now;
  if (leftMs > timerMsMax) return () => {};
  const timer = setTimeout(
    () => controller.abort(new AppError("UNAUTHENTICATED", 401, "The token has expired.")),
    Math.max(0, leftMs),
  );
  return () => clearTimeout(timer);
}
