/** What every subgraph process reads from its environment, parsed once in main and passed down. */
import { z } from "zod";

const subgraphEnvironment = z.object({
  ATLAS_HOST: z.string().min(1).default("127.0.0.1"),
  ATLAS_PORT: z.coerce.number().int().min(0).max(65_535),
  ATLAS_REGION: z
    .string()
    .regex(/^[a-z]+-[a-z]+$/)
    .default("us-east"),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  EVENT_LOG_URL: z
    .string()
    .regex(/^(postgres(ql)?|kafkas?):\/\/./, "expected a postgresql, kafka or kafkas URL")
    .optional(),
  ATLAS_GATEWAY_URL: z.url({ protocol: /^https?$/ }).optional(),
  ATLAS_CONTEXT_KEY: z.string().regex(/^[\w-]{43}$/, "expected 32 bytes in base64url"),
  ATLAS_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export type SubgraphConfig = {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Code of the region in which this process runs. */
  readonly region: string;
  /** Connects as this subgraph's own role. */
  readonly databaseUrl: string;
  /** The event log; by default in the same database. */
  readonly eventLogUrl: string;
  /** The gateway of this region, without a path; only the compliance subgraph asks it. */
  readonly gatewayUrl: string | undefined;
  /** Verifies signed contexts that the gateway made for this subgraph and no other. */
  readonly contextKey: Uint8Array;
  readonly logLevel: string;
};

/** Throws one error that names every faulty variable; values are left out, since some are secret. */
export function parseSubgraphConfig(env: Readonly<Record<string, string | undefined>>): SubgraphConfig {
  const parsed = subgraphEnvironment.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${faults.join("\n")}\nSee .env.example.`);
  }
  const { data } = parsed;
  return Object.freeze({
    host: data.ATLAS_HOST,
    port: data.ATLAS_PORT,
    region: data.ATLAS_REGION,
    databaseUrl: data.DATABASE_URL,
    eventLogUrl: data.EVENT_LOG_URL ?? data.DATABASE_URL,
    gatewayUrl: data.ATLAS_GATEWAY_URL,
    contextKey: Buffer.from(data.ATLAS_CONTEXT_KEY, "base64url"),
    logLevel: data.ATLAS_LOG_LEVEL,
  });
}
