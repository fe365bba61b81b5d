/** Everything that decides whether an operation may run before it is planned, apart from the document's own size. */
import type { GraphQLSchema } from "graphql";
import type { GatewayConfig } from "./config.ts";
import { createMemoryCache } from "./documents/createMemoryCache.ts";
import { createRedisCache } from "./documents/createRedisCache.ts";
import { readSafelist } from "./documents/readSafelist.ts";
import { AppError } from "./errors.ts";
import { describeCause, type Log } from "./observability/log.ts";
import type { Metrics } from "./observability/metrics.ts";
import { openRedis } from "./openRedis.ts";
import type { AdmittedOperation } from "./stages/admitOperation.ts";
import { createEstimateCost } from "./stages/estimateCost.ts";
import { createFindDocument, type FindDocument, type SafelistMode } from "./stages/findDocument.ts";
import { createLimitRate, type LimitRate } from "./stages/limitRate.ts";
import { readCostRules } from "./supergraph/costRules.ts";
import type { Supergraph } from "./supergraph/supergraph.ts";

export type Admission = {
  readonly findDocument: FindDocument;
  readonly limitRate: LimitRate;
  /** Throws OPERATION_TOO_COSTLY; otherwise the estimate. */
  readonly assessCost: (
    operation: Pick<AdmittedOperation, "document" | "operation">,
    variables: Readonly<Record<string, unknown>>,
  ) => number;
  readonly costMax: number | undefined;
  readonly close: () => void;
};

type Options = {
  readonly config: GatewayConfig;
  readonly supergraph: Supergraph;
  readonly schema: GraphQLSchema;
  readonly log: Log;
  readonly metrics: Metrics;
};

export async function createAdmission({
  config,
  supergraph,
  schema,
  log,
  metrics,
}: Options): Promise<Admission> {
  const { costMax, listSize, persistedQueries, rateLimits, redisUrl } = config;
  const onFailed = (cause: unknown) => log.warn({ cause: describeCause(cause) }, "redis failed");
  const redis = redisUrl === undefined ? undefined : openRedis(redisUrl, onFailed);
  const createCache = (bytesMax: number) =>
    redis ? createRedisCache({ redis, onFailed }) : createMemoryCache(bytesMax);
  const estimateCost = createEstimateCost({ schema, rules: readCostRules(supergraph), listSize });
  return {
    findDocument: createFindDocument({
      safelist: await loadSafelist(config, log),
      cache: persistedQueries.kind === "on" ? createCache(persistedQueries.bytesMax) : undefined,
      onCache: (result) => metrics.cacheAsked("persisted", result),
    }),
    limitRate: createLimitRate({ limits: rateLimits, redis }),
    assessCost: (operation, variables) => {
      const estimated = estimateCost(operation, variables);
      metrics.costEstimated(operation.operation.operation, estimated);
      if (costMax !== undefined && estimated > costMax) throw tooCostly(estimated, costMax);
      return estimated;
    },
    costMax,
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

function tooCostly(estimated: number, allowed: number): AppError {
  return new AppError(
    "OPERATION_TOO_COSTLY",
    400,
    `Expected an operation of a cost of at most ${allowed}; this one is estimated at ${estimated}.`,
    { details: { estimated, allowed } },
  );
}
