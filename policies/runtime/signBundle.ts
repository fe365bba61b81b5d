/** Makes a release of a built bundle: gives it a revision and signs it. */
import type { KeyObject } from "node:crypto";
import { signBundleContents } from "./bundleSignature.ts";
import { PolicyError } from "./policyError.ts";
import { isRevision } from "./revision.ts";
import { packBundle, unpackBundle } from "./unpackBundle.ts";

export type SignOptions = {
  /** On P-256. */
  readonly privateKey: KeyObject;
  readonly revision: string;
};

/** Throws BUNDLE_INVALID for what is no bundle, or a revision of another form. */
export async function signBundle(built: Uint8Array, { privateKey, revision }: SignOptions): Promise<Buffer> {
  if (!isRevision(revision))
    throw new PolicyError(
      "BUNDLE_INVALID",
      `expected a revision such as 2026-03-03T12:00:00Z or 2026-03-03T12:00:00Z-name, got ${revision}`,
    );
  const contents = await unpackBundle(built);
  const manifest = contents.get(".manifest");
  if (!manifest) throw new PolicyError("BUNDLE_INVALID", "the bundle holds no .manifest");
  const revised = Buffer.from(JSON.stringify({ ...JSON.parse(manifest.toString("utf8")), revision }));
  return packBundle(await signBundleContents(new Map([...contents, [".manifest", revised]]), privateKey));
}
