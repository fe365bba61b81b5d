/**
 * Keeps callers to what they may use in a time: requests, runs of one operation, and cost. Counted in this process, or in
 * Redis for all gateways together; while Redis does not answer, each gateway counts by itself, so that a limit is neither
 * gone nor a wall.
 */
import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from "rate-limiter-flexible";
import { AppError } from "../errors.ts";
import type { Caller } from "./identifyCaller.ts";

/** So many points in so many seconds. */
export type Rate = { readonly points: number; readonly seconds: number };

export type RateLimits = {
  /** Requests of a caller. */
  readonly caller: Rate | undefined;
  /** Runs of one operation by a caller. */
  readonly operation: Rate | undefined;
  /** Estimated cost of a caller's operations. */
  readonly cost: Rate | undefined;
};

/** An anonymous caller is known by its address. */
export type Requester = { readonly caller: Caller; readonly address: string };

export type LimitRate = {
  /** Before the document is read, so that reading is limited too. Rejects with RATE_LIMITED. */
  readonly countRequest: (requester: Requester) => Promise<void>;
  /** Once it is known what the request wants. Rejects with RATE_LIMITED. */
  readonly countOperation: (requester: Requester, query: string, cost: number) => Promise<void>;
};

type Options = { readonly limits: RateLimits; readonly redis: Redis | undefined };

export function createLimitRate({ limits, redis }: Options): LimitRate {
  const callers = createLimiter("caller", limits.caller, redis);
  const operations = createLimiter("operation", limits.operation, redis);
  const costs = createLimiter("cost", limits.cost, redis);
  return {
    countRequest: async (requester) => {
      if (callers) await consume(callers, "requests", keyOf(requester), 1);
    },
    countOperation: async (requester, query, cost) => {
      if (operations) await consume(operations, "runs of this operation", keyOf(requester, query), 1);
      if (costs && cost > 0) await consume(costs, "cost", keyOf(requester), Math.ceil(cost));
    },
  };
}

function createLimiter(
  name: string,
  rate: Rate | undefined,
  redis: Redis | undefined,
): RateLimiterAbstract | undefined {
  if (!rate) return undefined;
  const options = { keyPrefix: `atlas:rate:${name}`, points: rate.points, duration: rate.seconds };
  const inProcess = new RateLimiterMemory(options);
  if (!redis) return inProcess;
  return new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: inProcess });
}

async function consume(
  limiter: RateLimiterAbstract,
  what: string,
  key: string,
  points: number,
): Promise<void> {
  try {
    await limiter.consume(key, points);
  } catch (thrown) {
    if (!(thrown instanceof RateLimiterRes)) throw thrown;
    const retryAfterSeconds = Math.max(1, Math.ceil(thrown.msBeforeNext / 1_000));
    throw new AppError(
      "RATE_LIMITED",
      429,
      `Expected at most ${limiter.points} ${what} in ${limiter.duration} seconds, got more; try again in ${retryAfterSeconds} seconds.`,
      { details: { retryAfterSeconds } },
    );
  }
}

/** Hashed, because Redis and what backs it up should know neither names nor addresses. */
function keyOf({ caller, address }: Requester, query = ""): string {
  const who =
    caller.kind === "identified"
      ? `subject\0${caller.tenant ?? ""}\0${caller.subject}`
      : `address\0${address}`;
  return createHash("sha256").update(`${who}\0${query}`).digest("base64url");
}
