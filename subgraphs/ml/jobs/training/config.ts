/** What a trainer process reads from its environment, parsed once in trainer.ts and passed down. */
import { z } from "zod";

const name = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(64);

const environment = z.object({
  ATLAS_REGION: z.string().min(1),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  ATLAS_GRAPH_URL: z.url({ protocol: /^https?$/ }),
  ATLAS_TRAINER_NAME: name,
  ATLAS_TRAINER_DATASET: name,
  ATLAS_TRAINER_TOKEN_FILE: z.string().min(1),
  ATLAS_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export type TrainerConfig = {
  /** Whose rows it reads. */
  readonly region: string;
  readonly databaseUrl: string;
  /** The gateway of the region that leads the runs. */
  readonly graphUrl: string;
  readonly name: string;
  readonly dataset: string;
  /** Read before each request, so that a token may be exchanged while it runs. */
  readonly tokenFile: string;
  readonly logLevel: string;
};

/** Throws one error that names every faulty variable, without values. */
export function parseTrainerConfig(env: Readonly<Record<string, string | undefined>>): TrainerConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${faults.join("\n")}`);
  }
  const { data } = parsed;
  return Object.freeze({
    region: data.ATLAS_REGION,
    databaseUrl: data.DATABASE_URL,
    graphUrl: data.ATLAS_GRAPH_URL,
    name: data.ATLAS_TRAINER_NAME,
    dataset: data.ATLAS_TRAINER_DATASET,
    tokenFile: data.ATLAS_TRAINER_TOKEN_FILE,
    logLevel: data.ATLAS_LOG_LEVEL,
  });
}
