/** Reads a manifest of persisted operations, in the format of Apollo's `@apollo/generate-persisted-query-manifest`. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { StartError } from "../startError.ts";

/** The operations that may run, each the exact text that the manifest has. */
export type Safelist = {
  readonly findById: (id: string) => string | undefined;
  readonly has: (text: string) => boolean;
};

const manifest = z.object({
  format: z.literal("apollo-persisted-query-manifest"),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});

/** Throws a StartError: a gateway without its list would refuse everybody or nobody. */
export async function readSafelist(path: string): Promise<Safelist> {
  const parsed = manifest.safeParse(await readJson(path));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: place, message }) => `  ${place.join(".")}: ${message}`);
    throw new StartError(
      `${path}: not an Apollo persisted query manifest of version 1:\n${faults.join("\n")}`,
    );
  }
  const byId = new Map(parsed.data.operations.map(({ id, body }) => [id, body]));
  if (byId.size !== parsed.data.operations.length)
    throw new StartError(`${path}: two operations have the same id`);
  // Texts by hash: a request can be a megabyte, and comparing begins only when the hash is known anyway.
  const hashes = new Set([...byId.values()].map(hashText));
  return { findById: (id) => byId.get(id), has: (text) => hashes.has(hashText(text)) };
}

export function hashText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new StartError(`${path}: cannot be read as JSON`, { cause });
  }
}
