/** A signed bundle for a gateway under test, and the key to believe it by: as the environment that it is configured with. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publicKeyOf } from "../../infra/policies/makeSigningKey.ts";
import { builtBundle } from "../../infra/policies/signLocalPolicies.ts";
import { signBundle } from "../../policies/runtime/signBundle.ts";

export type SignedPolicies = AsyncDisposable & {
  readonly environment: Readonly<Record<"ATLAS_POLICIES" | "ATLAS_POLICY_KEYS", string>>;
  readonly file: string;
  /** Puts another bundle, by default the repository's, into the file, signed and with this revision. */
  readonly release: (revision: string, built?: Uint8Array) => Promise<void>;
  /** Where a shadow is looked for, and how one by the same releaser comes there; none is there at first. */
  readonly shadow: {
    readonly file: string;
    readonly release: (revision: string, built: Uint8Array) => Promise<void>;
  };
};

export async function signPolicies(built?: Uint8Array): Promise<SignedPolicies> {
  const folder = await mkdtemp(join(tmpdir(), "atlas-policies-"));
  const file = join(folder, "policies.tar.gz");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const first = built ?? (await readFile(builtBundle));
  const releaseTo = async (place: string, revision: string, next: Uint8Array) => {
    await writeFile(`${place}.next`, await signBundle(next, { privateKey, revision }));
    await rename(`${place}.next`, place);
  };
  const release: SignedPolicies["release"] = (revision, next = first) => releaseTo(file, revision, next);
  const shadow = `${file}.shadow`;
  await release("2026-01-01T00:00:00Z");
  return {
    environment: { ATLAS_POLICIES: file, ATLAS_POLICY_KEYS: publicKeyOf(privateKey) },
    file,
    release,
    shadow: { file: shadow, release: (revision, next) => releaseTo(shadow, revision, next) },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
