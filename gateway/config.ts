/** The gateway's environment, parsed once. Every fault is reported together, by name and without its value. */
import { z } from "zod";
import { parsePublicKey } from "../policies/runtime/bundleSignature.ts";
import type { PolicyProfile } from "../policies/runtime/facts.ts";
import type { BundleTrust } from "../policies/runtime/readBundle.ts";
import { areSeen, parseOverrideRules } from "./overrideRules.ts";
import { type RegionEndpoints, regionList } from "./routing/regionEndpoints.ts";
import { policyChanges } from "./transport/transportPolicy.ts";

export type GatewayConfig = z.output<typeof environment>;

/** Names what is wrong with each variable; `names` lets the command line call a variable by its flag. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Environment = Readonly<Record<string, string | undefined>>;

export function parseConfig(env: Environment, names: Readonly<Record<string, string>> = {}): GatewayConfig {
  // An empty variable is how shells and compose files say "not set".
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environment.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const variable = String(path[0] ?? "environment");
    return `  ${names[variable] ?? variable}: ${message}`;
  });
  throw new ConfigError(`The configuration is not valid:\n${faults.join("\n")}`);
}

const wholeNumber = (max: number, min = 1) =>
  z.coerce
    .number(`expected a whole number from ${min} to ${max}`)
    .int(`expected a whole number from ${min} to ${max}`)
    .min(min, `expected a whole number from ${min} to ${max}`)
    .max(max, `expected a whole number from ${min} to ${max}`);

const count = (fallback: number, max = 1_000_000_000) => wholeNumber(max).default(fallback);

const countOrNone = (max: number, fallback = 0) => wholeNumber(max, 0).default(fallback);

/** `points/seconds`, such as 600/60. */
const rate = z
  .string()
  .regex(/^[1-9]\d{0,9}\/[1-9]\d{0,6}$/, "expected points/seconds, such as 600/60")
  .transform((text) => {
    const [points, seconds] = text.split("/");
    return { points: Number(points), seconds: Number(seconds) };
  })
  .optional();

const redisUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol),
    "expected a redis or rediss URL",
  );

const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

const httpUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    "expected an http or https URL",
  );

/** `name=url,name=url` */
const routingUrls = list.transform((pairs, context) => {
  const urls = new Map<string, string>();
  for (const pair of pairs) {
    const split = pair.indexOf("=");
    const [name, url] = [pair.slice(0, split), pair.slice(split + 1)];
    if (split > 0 && httpUrl.safeParse(url).success) urls.set(name, url);
    else context.addIssue("expected name=url pairs with http or https URLs, separated by commas");
  }
  return urls;
});

/** HTTP header names that a client may have passed on to subgraphs; the gateway's own are refused. */
const ownHeaders = new Set([
  "atlas-context",
  "connection",
  "content-length",
  "content-type",
  "host",
  "transfer-encoding",
  "upgrade",
]);
const headerNames = list
  .transform((names) => [...new Set(names.map((name) => name.toLowerCase()))])
  .refine(
    (names) => names.every((name) => /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && !ownHeaders.has(name)),
    `expected header names other than ${[...ownHeaders].join(", ")}`,
  );

/** 32 bytes in base64url. */
const secret = z
  .string()
  .refine((text) => /^[A-Za-z0-9_-]{43}=?$/.test(text), "expected 32 bytes in base64url")
  .transform((text) => new Uint8Array(Buffer.from(text, "base64url")));

/** Public keys whose signature on a bundle is believed, or `unsigned`. */
const policyTrust = list.transform((keys, context): BundleTrust => {
  if (keys.length === 1 && keys[0] === "unsigned") return { kind: "unsigned" };
  try {
    return { kind: "signed", keys: keys.map(parsePublicKey) };
  } catch {
    context.addIssue(
      "expected EC public keys on P-256 (the text of a PEM file), separated by commas, or unsigned",
    );
    return z.NEVER;
  }
});

const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

/** `name=value,name=value`, values percent-encoded (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). */
const otlpHeaders = list.transform((pairs, context) => {
  const headers: Record<string, string> = {};
  for (const pair of pairs) {
    const split = pair.indexOf("=");
    if (split > 0) headers[pair.slice(0, split).trim()] = decodeURIComponent(pair.slice(split + 1).trim());
    else context.addIssue("expected name=value pairs, separated by commas");
  }
  return headers;
});

const environment = z
  .object({
    ATLAS_PROFILE: z.enum(["local", "production"], "expected local or production").default("production"),
    ATLAS_REGION: z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/, "expected lower-case letters, digits and hyphens")
      .default("us-east"),
    ATLAS_HOST: z.string().default("127.0.0.1"),
    ATLAS_PORT: z.coerce
      .number("expected a port from 0 to 65535")
      .int("expected a port from 0 to 65535")
      .min(0, "expected a port from 0 to 65535")
      .max(65_535, "expected a port from 0 to 65535")
      .default(4000),
    ATLAS_SUPERGRAPH: z.string().default("./supergraph.yaml"),
    ATLAS_ROUTING_URLS: routingUrls,
    ATLAS_REGIONS: regionList.optional(),
    ATLAS_FORWARD_HEADERS: headerNames,
    ATLAS_CONTEXT_SECRET: secret.optional(),
    ATLAS_ISSUER: z.string().optional(),
    ATLAS_AUDIENCE: z.string().optional(),
    ATLAS_JWKS_URL: httpUrl.optional(),
    ATLAS_POLICIES: z.string().optional(),
    ATLAS_POLICY_KEYS: policyTrust.optional(),
    ATLAS_POLICY_POLL_MS: count(10_000),
    ATLAS_POLICY_CACHE: z.string().optional(),
    ATLAS_POLICIES_SHADOW: z.string().optional(),
    ATLAS_DECISION_LOG_URL: httpUrl.optional(),
    ATLAS_DECISION_QUEUE_MAX: count(50_000),
    ATLAS_CORS_ORIGINS: list,
    ATLAS_LOG_LEVEL: z
      .enum(["debug", "info", "warn", "error", "silent"], "expected debug, info, warn, error or silent")
      .default("info"),
    ATLAS_BODY_BYTES_MAX: count(1_048_576),
    ATLAS_TOKENS_MAX: count(15_000),
    ATLAS_DEPTH_MAX: count(50),
    ATLAS_ALIASES_MAX: count(200),
    ATLAS_ROOT_FIELDS_MAX: count(100),
    ATLAS_DIRECTIVES_MAX: count(200),
    ATLAS_COST_MAX: wholeNumber(1_000_000_000).optional(),
    ATLAS_LIST_SIZE: count(10),
    ATLAS_BATCH_MAX: countOrNone(100),
    ATLAS_APQ: z.enum(["on", "off"], "expected on or off").default("on"),
    ATLAS_APQ_BYTES_MAX: count(33_554_432),
    ATLAS_SAFELIST: z.string().optional(),
    ATLAS_SAFELIST_MODE: z.enum(["off", "log", "only"], "expected off, log or only").default("off"),
    ATLAS_RATE_LIMIT_CALLER: rate,
    ATLAS_RATE_LIMIT_OPERATION: rate,
    ATLAS_RATE_LIMIT_COST: rate,
    ATLAS_REDIS_URL: redisUrl.optional(),
    ATLAS_TRUSTED_PROXIES: countOrNone(10),
    ATLAS_COMPRESS_BYTES_MIN: countOrNone(1_000_000_000, 2_048),
    ATLAS_SUBGRAPH_CONNECT_TIMEOUT_MS: count(2_000),
    ATLAS_SUBGRAPH_TIMEOUT_MS: count(10_000),
    ATLAS_SUBGRAPH_ANSWER_BYTES_MAX: count(67_108_864),
    ATLAS_SUBGRAPH_TRANSPORT: policyChanges,
    ATLAS_DRAIN_TIMEOUT_MS: count(10_000),
    ATLAS_SUPERGRAPH_POLL_MS: count(10_000),
    ATLAS_SUPERGRAPH_CACHE: z.string().optional(),
    ATLAS_SUPERGRAPH_WAIT_MS: countOrNone(3_600_000, 60_000),
    ATLAS_PLANNER: z.enum(["apollo", "hive"], "expected apollo or hive").default("hive"),
    ATLAS_OVERRIDE_LABELS: list.transform((entries, context) => parseOverrideRules(entries, context)),
    ATLAS_PLANNING_WORKERS: count(2, 16),
    ATLAS_PLANNING_TIMEOUT_MS: count(10_000),
    ATLAS_PLANNING_WAITING_MAX: count(200),
    OTEL_SDK_DISABLED: z.enum(["true", "false"], "expected true or false").default("false"),
    OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
    OTEL_EXPORTER_OTLP_HEADERS: otlpHeaders,
    OTEL_SERVICE_NAME: z.string().default("atlas-gateway"),
    OTEL_TRACES_SAMPLER: z
      .enum(samplers, `expected one of ${samplers.join(", ")}`)
      .default("parentbased_always_on"),
    OTEL_TRACES_SAMPLER_ARG: z.coerce
      .number("expected a number from 0 to 1")
      .min(0, "expected a number from 0 to 1")
      .max(1, "expected a number from 0 to 1")
      .default(1),
    OTEL_BSP_SCHEDULE_DELAY: count(5_000),
    OTEL_METRIC_EXPORT_INTERVAL: count(60_000),
  })
  .refine(
    ({ ATLAS_OVERRIDE_LABELS, ATLAS_FORWARD_HEADERS }) =>
      areSeen(ATLAS_OVERRIDE_LABELS, ATLAS_FORWARD_HEADERS),
    {
      path: ["ATLAS_OVERRIDE_LABELS"],
      message: "expected headers that ATLAS_FORWARD_HEADERS names too",
    },
  )
  .transform((env, context) =>
    Object.freeze({
      profile: env.ATLAS_PROFILE,
      region: env.ATLAS_REGION,
      host: env.ATLAS_HOST,
      port: env.ATLAS_PORT,
      /** Path or URL of the supergraph. */
      supergraph: env.ATLAS_SUPERGRAPH,
      routingUrls: env.ATLAS_ROUTING_URLS,
      regions: toRegions(env, context),
      forwardHeaders: env.ATLAS_FORWARD_HEADERS,
      contextSecret: env.ATLAS_CONTEXT_SECRET,
      identity: toIdentity(env, context),
      policies: toPolicies(env, context),
      decisionLog: toDecisionLog(env, context),
      /** Besides Apollo Sandbox and loopback, which the local profile allows. */
      corsOrigins: env.ATLAS_CORS_ORIGINS,
      logLevel: env.ATLAS_LOG_LEVEL,
      bodyBytesMax: env.ATLAS_BODY_BYTES_MAX,
      operationLimits: {
        tokens: env.ATLAS_TOKENS_MAX,
        depth: env.ATLAS_DEPTH_MAX,
        aliases: env.ATLAS_ALIASES_MAX,
        rootFields: env.ATLAS_ROOT_FIELDS_MAX,
        directives: env.ATLAS_DIRECTIVES_MAX,
      },
      /** Most that an operation may cost; undefined measures and refuses nothing. */
      costMax: env.ATLAS_COST_MAX,
      /** Length of a list of which the schema says nothing. */
      listSize: env.ATLAS_LIST_SIZE,
      /** Requests in one array; 0 refuses arrays. */
      batchMax: env.ATLAS_BATCH_MAX,
      persistedQueries:
        env.ATLAS_APQ === "on"
          ? { kind: "on" as const, bytesMax: env.ATLAS_APQ_BYTES_MAX }
          : { kind: "off" as const },
      safelist: toSafelist(env, context),
      rateLimits: {
        caller: env.ATLAS_RATE_LIMIT_CALLER,
        operation: env.ATLAS_RATE_LIMIT_OPERATION,
        cost: env.ATLAS_RATE_LIMIT_COST,
      },
      /** Shares rate limits and persisted queries between gateways. */
      redisUrl: env.ATLAS_REDIS_URL,
      /** Proxies of ours before this gateway, which tell a client's address. */
      trustedProxies: env.ATLAS_TRUSTED_PROXIES,
      /** Answers from this size on are packed for clients that ask for it; 0 is never. */
      compressBytesMin: env.ATLAS_COMPRESS_BYTES_MIN,
      /** How subgraphs are called: what holds for all, and what differs (transport/transportPolicy.ts). */
      subgraphTransport: {
        base: {
          connectTimeoutMs: env.ATLAS_SUBGRAPH_CONNECT_TIMEOUT_MS,
          headersTimeoutMs: env.ATLAS_SUBGRAPH_TIMEOUT_MS,
          bodyTimeoutMs: env.ATLAS_SUBGRAPH_TIMEOUT_MS,
          timeoutMs: env.ATLAS_SUBGRAPH_TIMEOUT_MS,
          answerBytesMax: env.ATLAS_SUBGRAPH_ANSWER_BYTES_MAX,
        },
        changes: env.ATLAS_SUBGRAPH_TRANSPORT,
      },
      /** How often the supergraph's source is looked at, besides the watch over its files. */
      supergraphPollMs: env.ATLAS_SUPERGRAPH_POLL_MS,
      /** Folder for the SDL of subgraphs that tell it themselves. */
      supergraphCache: env.ATLAS_SUPERGRAPH_CACHE,
      /** How long a start waits for subgraphs without which there is no graph. */
      supergraphWaitMs: env.ATLAS_SUPERGRAPH_WAIT_MS,
      /** When labels of progressive overrides hold. */
      overrides: env.ATLAS_OVERRIDE_LABELS,
      planning: {
        planner: env.ATLAS_PLANNER,
        workers: env.ATLAS_PLANNING_WORKERS,
        timeoutMs: env.ATLAS_PLANNING_TIMEOUT_MS,
        waitingMax: env.ATLAS_PLANNING_WAITING_MAX,
      },
      telemetry: toTelemetry(env),
      /** How long requests under way may take after a signal to stop. */
      drainTimeoutMs: env.ATLAS_DRAIN_TIMEOUT_MS,
    }),
  );

export type RegionsConfig =
  /** This region is alone. */
  | { readonly kind: "off" }
  /** All regions, this one among them. */
  | { readonly kind: "on"; readonly regions: readonly RegionEndpoints[] };

/** Subgraphs of other regions verify contexts with keys from the one secret that all regions have. */
function toRegions(
  env: {
    ATLAS_REGION: string;
    ATLAS_REGIONS?: readonly RegionEndpoints[] | undefined;
    ATLAS_CONTEXT_SECRET?: Uint8Array | undefined;
  },
  context: z.RefinementCtx,
): RegionsConfig {
  const { ATLAS_REGION: here, ATLAS_REGIONS: regions } = env;
  if (!regions) return { kind: "off" };
  const faults = [
    ...(regions.some(({ region }) => region === here) ? [] : ["expected ATLAS_REGION among the regions"]),
    ...(env.ATLAS_CONTEXT_SECRET ? [] : ["expected together with ATLAS_CONTEXT_SECRET"]),
  ];
  for (const message of faults) context.addIssue({ code: "custom", path: ["ATLAS_REGIONS"], message });
  return faults.length === 0 ? { kind: "on", regions } : { kind: "off" };
}

export type PoliciesConfig =
  | { readonly kind: "off" }
  | {
      readonly kind: "on";
      /** Path or URL of the bundle. */
      readonly source: string;
      readonly trust: BundleTrust;
      /** How often the source is looked at, besides the watch over its file. */
      readonly pollMs: number;
      /** Where the last good bundle is kept over restarts. */
      readonly cacheFolder: string | undefined;
      /** Path or URL of a bundle that is asked the same and only counted. */
      readonly shadow: string | undefined;
    };

/** Whoever writes the bundle decides who sees what: only where people build may it come from anybody. */
function toPolicies(
  env: {
    ATLAS_PROFILE: PolicyProfile;
    ATLAS_POLICIES?: string | undefined;
    ATLAS_POLICY_KEYS?: BundleTrust | undefined;
    ATLAS_POLICY_POLL_MS: number;
    ATLAS_POLICY_CACHE?: string | undefined;
    ATLAS_POLICIES_SHADOW?: string | undefined;
  },
  context: z.RefinementCtx,
): PoliciesConfig {
  const { ATLAS_PROFILE: profile, ATLAS_POLICIES: source, ATLAS_POLICY_KEYS: trust } = env;
  if (source === undefined) return { kind: "off" };
  if (!trust || (trust.kind === "unsigned" && profile === "production")) {
    const unsigned = profile === "production" ? "" : ", or unsigned";
    context.addIssue({
      code: "custom",
      path: ["ATLAS_POLICY_KEYS"],
      message: `expected together with ATLAS_POLICIES: the public keys that sign bundles${unsigned}`,
    });
    return { kind: "off" };
  }
  return {
    kind: "on",
    source,
    trust,
    pollMs: env.ATLAS_POLICY_POLL_MS,
    cacheFolder: env.ATLAS_POLICY_CACHE,
    shadow: env.ATLAS_POLICIES_SHADOW,
  };
}

export type TelemetryConfig = ReturnType<typeof toTelemetry>;

/** On when it is said where it goes, as OpenTelemetry's own SDKs are configured. */
function toTelemetry(env: {
  OTEL_SDK_DISABLED: "true" | "false";
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_HEADERS: Record<string, string>;
  OTEL_SERVICE_NAME: string;
  OTEL_TRACES_SAMPLER: (typeof samplers)[number];
  OTEL_TRACES_SAMPLER_ARG: number;
  OTEL_BSP_SCHEDULE_DELAY: number;
  OTEL_METRIC_EXPORT_INTERVAL: number;
}) {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined || env.OTEL_SDK_DISABLED === "true") return { kind: "off" as const };
  return {
    kind: "on" as const,
    endpoint,
    headers: env.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: env.OTEL_SERVICE_NAME,
    sampler: env.OTEL_TRACES_SAMPLER,
    samplerRatio: env.OTEL_TRACES_SAMPLER_ARG,
    spanDelayMs: env.OTEL_BSP_SCHEDULE_DELAY,
    metricIntervalMs: env.OTEL_METRIC_EXPORT_INTERVAL,
  };
}

export type DecisionLogConfig =
  | { readonly kind: "off" }
  | {
      readonly kind: "on";
      /** Of the subgraph that keeps the record. */
      readonly url: string;
      readonly contextSecret: Uint8Array;
      /** Decisions that may wait for it. */
      readonly queueMax: number;
    };

/** Batches are signed with a key that is derived from the context secret. */
function toDecisionLog(
  env: {
    ATLAS_DECISION_LOG_URL?: string | undefined;
    ATLAS_DECISION_QUEUE_MAX: number;
    ATLAS_CONTEXT_SECRET?: Uint8Array | undefined;
  },
  context: z.RefinementCtx,
): DecisionLogConfig {
  const { ATLAS_DECISION_LOG_URL: url, ATLAS_CONTEXT_SECRET: contextSecret } = env;
  if (url === undefined) return { kind: "off" };
  if (contextSecret) return { kind: "on", url, contextSecret, queueMax: env.ATLAS_DECISION_QUEUE_MAX };
  context.addIssue({
    code: "custom",
    path: ["ATLAS_CONTEXT_SECRET"],
    message: "expected together with ATLAS_DECISION_LOG_URL",
  });
  return { kind: "off" };
}

export type SafelistConfig =
  | { readonly kind: "off" }
  | { readonly kind: "log" | "only"; readonly path: string };

function toSafelist(
  env: { ATLAS_SAFELIST?: string | undefined; ATLAS_SAFELIST_MODE: "off" | "log" | "only" },
  context: z.RefinementCtx,
): SafelistConfig {
  const { ATLAS_SAFELIST: path, ATLAS_SAFELIST_MODE: kind } = env;
  if (kind === "off") return { kind };
  if (path !== undefined) return { kind, path };
  context.addIssue({
    code: "custom",
    path: ["ATLAS_SAFELIST"],
    message: "expected the path of a manifest together with ATLAS_SAFELIST_MODE",
  });
  return { kind: "off" };
}

export type IdentityConfig =
  | { readonly kind: "off" }
  | { readonly kind: "jwt"; readonly issuer: string; readonly audience: string; readonly jwksUrl: string };

/** Half of an identity configuration would be a gateway that trusts nobody or everybody by accident. */
function toIdentity(
  env: {
    ATLAS_ISSUER?: string | undefined;
    ATLAS_AUDIENCE?: string | undefined;
    ATLAS_JWKS_URL?: string | undefined;
  },
  context: z.RefinementCtx,
): IdentityConfig {
  const { ATLAS_ISSUER: issuer, ATLAS_AUDIENCE: audience, ATLAS_JWKS_URL: jwksUrl } = env;
  if (issuer && audience && jwksUrl) return { kind: "jwt", issuer, audience, jwksUrl };
  for (const [name, value] of Object.entries({
    ATLAS_ISSUER: issuer,
    ATLAS_AUDIENCE: audience,
    ATLAS_JWKS_URL: jwksUrl,
  })) {
    if (!value && (issuer || audience || jwksUrl)) {
      context.addIssue({
        code: "custom",
        path: [name],
        message: "expected together with ATLAS_ISSUER, ATLAS_AUDIENCE and ATLAS_JWKS_URL, or none of them",
      });
    }
  }
  return { kind: "off" };
}
