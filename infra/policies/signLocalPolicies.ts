/**
 * The local profile serves a signed bundle as production does, with a key of this checkout that is made at the first
 * start and never leaves it. Signed anew only when the built bundle is another one.
 */
import { createHash, createPrivateKey } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { signBundle } from "../../policies/runtime/signBundle.ts";
import { checkout } from "../local/paths.ts";
import { writePrivately } from "../local/state.ts";
import { makeSigningKey, publicKeyOf } from "./makeSigningKey.ts";

export type SignedPolicies = {
  /** Path of the signed bundle. */
  readonly source: string;
  /** For `ATLAS_POLICY_KEYS`. */
  readonly keys: string;
  /** Where a bundle to be asked beside it is looked for; people put it there (docs/guides/policies.md). */
  readonly shadow?: string;
};

export const builtBundle = join(checkout, "policies/bundle/atlas.tar.gz");

/** Everything is kept in `folder`. */
export async function signLocalPolicies(folder: string, bundle = builtBundle): Promise<SignedPolicies> {
  const [keyFile, source, stamp] = ["key.pem", "atlas.tar.gz", "signed-from"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const key = (await findText(keyFile)) ?? (await keepKey(keyFile));
  const built = await readFile(bundle);
  const digest = createHash("sha256").update(built).digest("hex");
  if ((await findText(stamp))?.trim() !== digest || (await findText(source)) === undefined) {
    const revision = new Date().toISOString();
    const signed = await signBundle(built, { privateKey: createPrivateKey(key), revision });
    // Whole or not at all: a gateway may be watching.
    await writeFile(`${source}.${process.pid}`, signed);
    await rename(`${source}.${process.pid}`, source);
    await writeFile(stamp, digest);
  }
  return { source, keys: publicKeyOf(key), shadow: join(folder, "shadow.tar.gz") };
}

async function keepKey(file: string): Promise<string> {
  const key = makeSigningKey();
  await writePrivately(file, key);
  return key;
}

function findText(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause;
  });
}
