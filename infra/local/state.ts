/** What a checkout keeps between starts, all below .atlas/: the database, secrets made once, logs, and who runs. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { localConfig } from "./config.ts";
import { LaunchError } from "./launchError.ts";

const folder = localConfig.stateFolder;

export const state = {
  folder,
  postgres: join(folder, "postgres"),
  issuer: join(folder, "issuer"),
  policies: join(folder, "policies"),
  logs: join(folder, "logs"),
  secrets: join(folder, "secrets.json"),
  lock: join(folder, "run/start.lock"),
  endpoints: join(folder, "run/endpoints.json"),
} as const;

const base64url = z.string().regex(/^[\w-]+$/);
const secretsSchema = z.object({
  superuser: base64url,
  passwords: z.object({
    regions: base64url,
    intelligence: base64url,
    ml: base64url,
    compliance: base64url,
    mobile: base64url,
  }),
  contextSecret: base64url,
});

export type Secrets = z.infer<typeof secretsSchema>;

/** The secrets of this checkout, made at the first start and readable by its owner alone. */
export async function loadSecrets(): Promise<Secrets> {
  const text = await readFile(state.secrets, "utf8").catch(() => undefined);
  if (text === undefined) return createSecrets();
  const parsed = secretsSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new LaunchError(
    `${state.secrets} does not hold the secrets of this version. \`npm run reset\` starts afresh (and empties the local database).`,
  );
}

async function createSecrets(): Promise<Secrets> {
  const random = (): string => randomBytes(32).toString("base64url");
  const passwords = {
    regions: random(),
    intelligence: random(),
    ml: random(),
    compliance: random(),
    mobile: random(),
  };
  const secrets: Secrets = { superuser: random(), passwords, contextSecret: random() };
  await writePrivately(state.secrets, JSON.stringify(secrets, null, 2));
  return secrets;
}

/** Whole or not at all, and never readable by others in between. */
export async function writePrivately(file: string, text: string): Promise<void> {
  await mkdir(join(file, ".."), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, `${text}\n`, { mode: 0o600 });
  await chmod(fresh, 0o600);
  await rename(fresh, file);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
