/** Where policy bundles come from, to be read again and again: a file or a URL. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { PolicyError } from "../../policies/runtime/policyError.ts";
import { createDownload } from "../download.ts";
import type { Source } from "../watchSource.ts";

/** A bundle that nobody has looked into yet. The id is the SHA-256 of the file, hexadecimal. */
export type PackedBundle = { readonly id: string; readonly packed: Buffer };

/** Rejects with a PolicyError that names the source. */
export function createPolicySource(source: string): Source<PackedBundle> {
  const isUrl = /^https?:\/\//.test(source);
  const read = isUrl ? createDownload(source, "application/gzip, */*") : () => readFile(source);
  return {
    files: () => (isUrl ? [] : [source]),
    read: async () => {
      try {
        const packed = await read();
        return { id: createHash("sha256").update(packed).digest("hex"), packed };
      } catch (cause) {
        const message = isUrl && cause instanceof Error ? cause.message : `${source}: cannot be read`;
        throw new PolicyError("BUNDLE_INVALID", message, { cause });
      }
    },
  };
}
