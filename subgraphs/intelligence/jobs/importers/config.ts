/** What `npm run import` and the commands beside it read from its environment. */
import { z } from "zod";

const environment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  EVENT_LOG_URL: z
    .string()
    .regex(/^(postgres(ql)?|kafkas?):\/\/./, "expected a postgresql, kafka or kafkas URL")
    .optional(),
  ATLAS_REGION: z
    .string()
    .regex(/^[a-z]+-[a-z]+$/)
    .default("us-east"),
  ATLAS_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("warn"),
});

export type ImportConfig = {
  /** Connects as the intelligence subgraph's own role. */
  readonly databaseUrl: string;
  /** The event log; by default in the same database. */
  readonly eventLogUrl: string;
  /** Code of the region that imports. */
  readonly region: string;
  readonly logLevel: string;
};

/** Throws one error that names every faulty variable; values are left out, since some are secret. */
export function parseImportConfig(env: Readonly<Record<string, string | undefined>>): ImportConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${faults.join("\n")}\nSee .env.example.`);
  }
  const { data } = parsed;
  return Object.freeze({
    databaseUrl: data.DATABASE_URL,
    eventLogUrl: data.EVENT_LOG_URL ?? data.DATABASE_URL,
    region: data.ATLAS_REGION,
    logLevel: data.ATLAS_LOG_LEVEL,
  });
}
