/** The gateway's environment, parsed once. Every fault is reported together, by name and without its value. */
import { z } from "zod";

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

const count = (fallback: number, max = 1_000_000_000) =>
  z.coerce
    .number(`expected a whole number from 1 to ${max}`)
    .int(`expected a whole number from 1 to ${max}`)
    .min(1, `expected a whole number from 1 to ${max}`)
    .max(max, `expected a whole number from 1 to ${max}`)
    .default(fallback);

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
    ATLAS_FORWARD_HEADERS: headerNames,
    ATLAS_CONTEXT_SECRET: secret.optional(),
    ATLAS_ISSUER: z.string().optional(),
    ATLAS_AUDIENCE: z.string().optional(),
    ATLAS_JWKS_URL: httpUrl.optional(),
    ATLAS_POLICIES: z.string().optional(),
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
    ATLAS_SUBGRAPH_CONNECT_TIMEOUT_MS: count(2_000),
    ATLAS_SUBGRAPH_TIMEOUT_MS: count(10_000),
    ATLAS_SUBGRAPH_ANSWER_BYTES_MAX: count(67_108_864),
    ATLAS_DRAIN_TIMEOUT_MS: count(10_000),
    ATLAS_SUPERGRAPH_POLL_MS: count(10_000),
    ATLAS_PLANNER: z.enum(["apollo", "hive"], "expected apollo or hive").default("hive"),
    ATLAS_PLANNING_WORKERS: count(2, 16),
    ATLAS_PLANNING_TIMEOUT_MS: count(10_000),
    ATLAS_PLANNING_WAITING_MAX: count(200),
  })
  .transform((env, context) =>
    Object.freeze({
      profile: env.ATLAS_PROFILE,
      region: env.ATLAS_REGION,
      host: env.ATLAS_HOST,
      port: env.ATLAS_PORT,
      /** Path or URL of the supergraph. */
      supergraph: env.ATLAS_SUPERGRAPH,
      routingUrls: env.ATLAS_ROUTING_URLS,
      forwardHeaders: env.ATLAS_FORWARD_HEADERS,
      contextSecret: env.ATLAS_CONTEXT_SECRET,
      identity: toIdentity(env, context),
      /** Path of the policy bundle. */
      policies: env.ATLAS_POLICIES,
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
      subgraphLimits: {
        connectTimeoutMs: env.ATLAS_SUBGRAPH_CONNECT_TIMEOUT_MS,
        timeoutMs: env.ATLAS_SUBGRAPH_TIMEOUT_MS,
        answerBytesMax: env.ATLAS_SUBGRAPH_ANSWER_BYTES_MAX,
      },
      /** How often the supergraph's source is looked at, besides the watch over its files. */
      supergraphPollMs: env.ATLAS_SUPERGRAPH_POLL_MS,
      planning: {
        planner: env.ATLAS_PLANNER,
        workers: env.ATLAS_PLANNING_WORKERS,
        timeoutMs: env.ATLAS_PLANNING_TIMEOUT_MS,
        waitingMax: env.ATLAS_PLANNING_WAITING_MAX,
      },
      /** How long requests under way may take after a signal to stop. */
      drainTimeoutMs: env.ATLAS_DRAIN_TIMEOUT_MS,
    }),
  );

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
