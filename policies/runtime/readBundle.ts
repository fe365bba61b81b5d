/** What a bundle holds, from its file's bytes: nothing of it is read before its signature has been verified. */
import { createHash, type KeyObject } from "node:crypto";
import { z } from "zod";
import { verifyBundleSignature } from "./bundleSignature.ts";
import { meterModule } from "./meterModule.ts";
import { PolicyError } from "./policyError.ts";
import { isRevision } from "./revision.ts";
import { type BundleContents, unpackBundle } from "./unpackBundle.ts";

export type BundleFiles = {
  /** SHA-256 of the file as read, hexadecimal: what decisions are cached and logged by. */
  readonly digest: string;
  /** What the author of the bundle called this state of it; empty when nothing. */
  readonly revision: string;
  /** The file. */
  readonly packed: Uint8Array;
  /** The module, with a fuel gauge. */
  readonly wasm: Uint8Array;
  /** Names such as `atlas/access/fields/decisions`. */
  readonly entrypoints: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
};

/** Whose bundles are believed. `unsigned` is for what was just built: tests, and trying a change. */
export type BundleTrust =
  | { readonly kind: "signed"; readonly keys: readonly KeyObject[] }
  | { readonly kind: "unsigned" };

const manifestSchema = z.object({
  revision: z.string().default(""),
  wasm: z.array(z.object({ entrypoint: z.string(), module: z.literal("/policy.wasm") })).min(1),
});
const dataSchema = z.record(z.string(), z.unknown());

/** Throws BUNDLE_UNTRUSTED or BUNDLE_INVALID, saying what was expected, for anything but a whole bundle. */
export async function readBundle(packed: Uint8Array, trust: BundleTrust): Promise<BundleFiles> {
  const files = await unpackBundle(packed);
  if (trust.kind === "signed") await verifyBundleSignature(files, trust.keys);
  const wasm = files.get("policy.wasm");
  if (!wasm)
    throw new PolicyError("BUNDLE_INVALID", "the bundle holds no policy.wasm: build it with -t wasm");
  const { revision, wasm: modules } = parseFile(files, ".manifest", manifestSchema);
  if (trust.kind === "signed" && !isRevision(revision))
    throw new PolicyError(
      "BUNDLE_INVALID",
      `expected a revision such as 2026-03-03T12:00:00Z, got ${JSON.stringify(revision)}`,
    );
  return {
    digest: createHash("sha256").update(packed).digest("hex"),
    revision,
    packed,
    wasm: meterModule(wasm),
    entrypoints: modules.map(({ entrypoint }) => entrypoint),
    data: parseFile(files, "data.json", dataSchema),
  };
}

function parseFile<T>(files: BundleContents, name: string, schema: z.ZodType<T>): T {
  const file = files.get(name);
  if (!file) throw new PolicyError("BUNDLE_INVALID", `the bundle holds no ${name}`);
  try {
    return schema.parse(JSON.parse(file.toString("utf8")));
  } catch (cause) {
    throw new PolicyError("BUNDLE_INVALID", `${name} is not what a bundle has there`, { cause });
  }
}
