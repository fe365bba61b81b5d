/** What ingestion reads from the environment of the intelligence process. */
import { z } from "zod";

const environment = z.object({
  ATLAS_INGEST_SOURCE_RATE: z.coerce.number().int().min(0).max(1_000_000).default(5_000),
  ATLAS_INGEST_BYTES_MAX: z.coerce.number().int().min(1_048_576).default(67_108_864),
  ATLAS_WEBHOOK_KEY: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "expected 32 bytes in base64url")
    .transform((text) => Buffer.from(text, "base64url"))
    .optional(),
  ATLAS_INGEST_OUTBOX_MAX: z.coerce.number().int().min(1_000).max(100_000_000).default(200_000),
});

export type IngestConfig = {
  /** Records of one source a second; 0 limits nothing. */
  readonly sourceRate: number;
  /** Bytes of requests under way, above which new ones get 429. */
  readonly bytesMax: number;
  /** Rows that wait for the relay, above which requests get 429. */
  readonly outboxRowsMax: number;
  /** Of which the keys of webhooks are derived; without it there are none. Secret. */
  readonly webhookKey: Buffer | null;
};

/** Throws one error that names every faulty variable. */
export function parseIngestConfig(env: Readonly<Record<string, string | undefined>>): IngestConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${faults.join("\n")}\nSee .env.example.`);
  }
  const { data } = parsed;
  return Object.freeze({
    sourceRate: data.ATLAS_INGEST_SOURCE_RATE,
    bytesMax: data.ATLAS_INGEST_BYTES_MAX,
    outboxRowsMax: data.ATLAS_INGEST_OUTBOX_MAX,
    webhookKey: data.ATLAS_WEBHOOK_KEY ?? null,
  });
}
