/** The environment of the local issuer, parsed once. */
import { z } from "zod";

export type IssuerConfig = {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Where its signing key and the secret of the service client are kept. */
  readonly stateFolder: string;
  readonly logLevel: string;
};

const environment = z.object({
  // Anybody may sign in as anybody here, so it listens to this machine and no other.
  ATLAS_HOST: z.enum(["127.0.0.1", "::1", "localhost"], "expected a loopback address").default("127.0.0.1"),
  ATLAS_PORT: z.coerce.number().int().min(0).max(65_535).default(4010),
  ATLAS_STATE: z.string("expected a folder").min(1, "expected a folder"),
  ATLAS_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

/** Throws one error that names every faulty variable, without values. */
export function parseIssuerConfig(env: Readonly<Record<string, string | undefined>>): IssuerConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `  ${String(path[0])}: ${message}`);
    throw new Error(`The configuration of the issuer is not valid:\n${faults.join("\n")}`);
  }
  const {
    ATLAS_HOST: host,
    ATLAS_PORT: port,
    ATLAS_STATE: stateFolder,
    ATLAS_LOG_LEVEL: logLevel,
  } = parsed.data;
  return Object.freeze({ host, port, stateFolder, logLevel });
}
