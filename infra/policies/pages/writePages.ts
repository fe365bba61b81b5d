import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PageChanges } from "./comparePages.ts";

/** Answers the paths of what was written, from `root`. */
export async function writePages(root: string, { stale, gone }: PageChanges): Promise<readonly string[]> {
  for (const [path, text] of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  for (const path of gone) await rm(join(root, path));
  return [...stale.keys()];
}
