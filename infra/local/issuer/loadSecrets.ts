/** What the issuer keeps between starts: tokens stay good after a restart because the key does. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { z } from "zod";

const secretsSchema = z.object({
  /** ES256. */
  signingKey: z.looseObject({ kty: z.literal("EC"), kid: z.string(), d: z.string() }),
  cookieKey: z.string().min(32),
  /** Secret of the client `service`. */
  serviceSecret: z.string().min(32),
});

export type IssuerSecrets = z.infer<typeof secretsSchema>;

/** Throws when the file is there but not what is expected: a new key would end every session without a word. */
export async function loadSecrets(folder: string): Promise<IssuerSecrets> {
  const file = join(folder, "issuer.json");
  if (!existsSync(file)) return createSecrets(folder, file);
  const parsed = secretsSchema.safeParse(parseJson(await readFile(file, "utf8")));
  if (!parsed.success) throw new Error(`${file} is not what the issuer wrote; remove it, and sign in anew.`);
  return parsed.data;
}

async function createSecrets(folder: string, file: string): Promise<IssuerSecrets> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const secrets = secretsSchema.parse({
    signingKey: {
      ...(await exportJWK(privateKey)),
      kid: randomBytes(8).toString("hex"),
      alg: "ES256",
      use: "sig",
    },
    cookieKey: randomBytes(32).toString("base64url"),
    serviceSecret: randomBytes(32).toString("base64url"),
  });
  await mkdir(folder, { recursive: true });
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  await rename(fresh, file);
  return secrets;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
