/**
 * The last bundle that served, in a folder that outlives the process: with it a gateway starts while the bundles' server
 * is away, and one that is restarted takes no older bundle than before.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type LastGoodBundle = {
  /** Undefined when none was kept. */
  readonly find: () => Promise<Buffer | undefined>;
  readonly keep: (packed: Uint8Array) => Promise<void>;
};

export function createLastGoodBundle(folder: string): LastGoodBundle {
  const file = join(folder, "last-good.tar.gz");
  return {
    find: () =>
      readFile(file).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") return undefined;
        throw cause;
      }),
    keep: async (packed) => {
      await mkdir(folder, { recursive: true });
      const fresh = `${file}.${process.pid}`;
      await writeFile(fresh, packed);
      await rename(fresh, file);
    },
  };
}
