/** What connectors read from the environment of the intelligence process. */
import { z } from "zod";

const environment = z.object({
  ATLAS_CONNECTORS_ALLOW_PRIVATE: z.stringbool().default(false),
  ATLAS_CONNECTOR_AUTHORIZATION: z
    .string()
    .default("{}")
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown; // parsed by the next step
      } catch {
        context.addIssue({ code: "custom", message: "expected JSON" });
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), z.string().min(1), "expected an object of texts by connector code")),
});

export type ConnectorConfig = {
  /** Whether connectors may read from hosts that are not public. */
  readonly allowPrivate: boolean;
  /** Values of the header `authorization` by code of the connector. Secret. */
  readonly authorization: Readonly<Record<string, string>>;
};

/** Throws one error that names every faulty variable; values are left out, since some are secret. */
export function parseConnectorConfig(env: Readonly<Record<string, string | undefined>>): ConnectorConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${faults.join("\n")}\nSee .env.example.`);
  }
  const { data } = parsed;
  return Object.freeze({
    allowPrivate: data.ATLAS_CONNECTORS_ALLOW_PRIVATE,
    authorization: Object.freeze(data.ATLAS_CONNECTOR_AUTHORIZATION),
  });
}
