/** Statements that may be repeated are, while PostgreSQL is away. */
import { retryOutage } from "../retryOutage.ts";

export function withRetry<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  return retryOutage(work, { isOutage, signal });
}

/** Connections that broke or could not be made, a server that stops or starts, a serialisation that lost: SQLSTATE classes 08, 57P, 40. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return (
    /^(08...|57P0[1-4]|40001|40P01|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(error.message)
  );
}
