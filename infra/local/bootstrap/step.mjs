/** A step of the bootstrap: skipped when nothing that it reads has changed since it last succeeded. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * @typedef {object} Step
 * @property {string} name What the person at the terminal reads.
 * @property {readonly string[]} inputs Files and folders, relative to the root.
 * @property {(file: string) => boolean} [reads] Which files of the folders count; all by default.
 * @property {string} stamp Where the digest of the inputs is kept: inside the output, so that it goes when that goes.
 * @property {() => Promise<void>} run
 */

/** @param {Step} step @returns {Promise<boolean>} whether it ran */
export async function runStep(step) {
  const digest = digestOf(step);
  const stamp = join(root, step.stamp);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return false;
  rmSync(stamp, { force: true });
  await timed(step.name, step.run);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
  return true;
}

/** Says what was done and how long it took. @param {string} name @param {() => Promise<unknown>} work */
export async function timed(name, work) {
  const startedAt = performance.now();
  await work();
  console.error(`${name.padEnd(34)}${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** @param {Step} step */
function digestOf({ inputs, reads = () => true }) {
  const hash = createHash("sha256").update(process.version);
  for (const file of inputs.flatMap(filesOf).filter(reads)) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

const skipped = new Set(["node_modules", "dist", ".atlas", ".git", "coverage"]);

/** Every file at or below `path`, in a stable order, with forward slashes. @param {string} path @returns {string[]} */
export function filesOf(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [relative(root, absolute).split(sep).join("/")];
  return readdirSync(absolute)
    .filter((entry) => !skipped.has(entry))
    .sort()
    .flatMap((entry) => filesOf(join(path, entry)));
}
