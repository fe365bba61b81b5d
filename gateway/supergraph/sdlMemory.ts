/** The last SDL that each running subgraph told, for when it does not: in this process, and in a folder for the next. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type SdlMemory = {
  readonly recall: (subgraph: string, url: string) => Promise<string | undefined>;
  /** Never rejects: a folder that cannot be written to must not keep anybody from serving. */
  readonly keep: (subgraph: string, url: string, sdl: string) => Promise<void>;
};

export function createSdlMemory(folder: string | undefined): SdlMemory {
  const known = new Map<string, string>();
  // Another address is another subgraph. Names may have anything in them, hashes do not.
  const keyOf = (subgraph: string, url: string) =>
    createHash("sha256")
      .update(JSON.stringify([subgraph, url]))
      .digest("hex");
  const fileOf = (key: string) => (folder === undefined ? undefined : join(folder, `${key}.graphql`));
  return {
    recall: async (subgraph, url) => {
      const key = keyOf(subgraph, url);
      const file = fileOf(key);
      return known.get(key) ?? (file && (await readFile(file, "utf8").catch(() => undefined)));
    },
    keep: async (subgraph, url, sdl) => {
      const key = keyOf(subgraph, url);
      if (known.get(key) === sdl) return;
      known.set(key, sdl);
      const file = fileOf(key);
      if (!folder || !file) return;
      try {
        await mkdir(folder, { recursive: true });
        // Whole or not at all, however this process ends.
        await writeFile(`${file}.${process.pid}`, sdl);
        await rename(`${file}.${process.pid}`, file);
      } catch {
        // As above.
      }
    },
  };
}
