/** A connection to Redis that fails fast: what it is used for works without it, and must not wait for it. */
import { Redis } from "ioredis";

/** Longer than a healthy Redis ever takes in the same region. */
const commandTimeoutMs = 250;

export function openRedis(url: string, onFailed: (cause: unknown) => void): Redis {
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    // A command that finds no connection fails at once, and is not sent later, when nobody waits for it.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
  });
  return redis.on("error", onFailed);
}
