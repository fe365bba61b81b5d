/** Texts in Redis, so that what one gateway has learned the others know. Redis bounds them (`maxmemory`); each is forgotten a day after its last use. */
import type { Redis } from "ioredis";
import type { DocumentCache } from "./documentCache.ts";

type Options = {
  readonly redis: Redis;
  readonly onFailed?: (cause: unknown) => void;
};

const prefix = "atlas:document:";
const keptSeconds = 86_400;

export function createRedisCache({ redis, onFailed = () => {} }: Options): DocumentCache {
  return {
    find: async (hash) => {
      try {
        return (await redis.getex(prefix + hash, "EX", keptSeconds)) ?? undefined;
      } catch (cause) {
        onFailed(cause);
        return undefined;
      }
    },
    keep: async (hash, text) => {
      try {
        await redis.set(prefix + hash, text, "EX", keptSeconds);
      } catch (cause) {
        onFailed(cause);
      }
    },
  };
}
