/**
 * What decides whether an operation may run before it is planned, apart from its size and cost. Whatever supergraph is
 * served, a caller has used up what it has used up: so there is one for the whole gateway.
 */
import type { GatewayConfig } from "./config.ts";
import { createMemoryCache } from "./documents/createMemoryCache.ts";
import { createRedisCache } from "./documents/createRedisCache.ts";
import { readSafelist } from "./documents/readSafelist.ts";
import { describeCause, type Log } from "./observability/log.ts";
import type { Metrics } from "./observability/metrics.ts";
import { openRedis } from "./openRedis.ts";
import { createFindDocument, type FindDocument, type SafelistMode } from "./stages/findDocument.ts";
import { createLimitRate, type LimitRate } from "./stages/limitRate.ts";

export type Admission = {
  readonly findDocument: FindDocument;
  readonly limitRate: LimitRate;
  readonly close: () => void;
};

type Options = {
  readonly config: GatewayConfig;
  readonly log: Log;
  readonly metrics: Metrics;
};

export async function createAdmission({ config, log, metrics }: Options): Promise<Admission> {
  const { persistedQueries, rateLimits, redisUrl } = config;
  const onFailed = (cause: unknown) => log.warn({ cause: describeCause(cause) }, "redis failed");
  const redis = redisUrl === undefined ? undefined : openRedis(redisUrl, onFailed);
  const createCache = (bytesMax: number) =>
    redis ? createRedisCache({ redis, onFailed }) : createMemoryCache(bytesMax);
  return {
    findDocument: createFindDocument({
      safelist: await loadSafelist(config, log),
      cache: persistedQueries.kind === "on" ? createCache(persistedQueries.bytesMax) : undefined,
      onCache: (result) => metrics.cacheAsked("persisted", result),
    }),
    limitRate: createLimitRate({ limits: rateLimits, redis }),
    close: () => redis?.disconnect(),
  };
}

async function loadSafelist({ safelist }: GatewayConfig, log: Log): Promise<SafelistMode> {
  if (safelist.kind === "off") return safelist;
  const list = await readSafelist(safelist.path);
  if (safelist.kind === "only") return { kind: "only", list };
  return {
    kind: "log",
    list,
    onUnknown: (hash) => log.warn({ hash }, "operation not in the safelist"),
  };
}
