/**
 * The one version of OPA that checks, tests and builds policies, and where it is. Running Atlas needs none of this:
 * the built bundle is in the repository. Plain JavaScript, so that it runs before anything is built.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const opaVersion = "1.22.2";
export const root = fileURLToPath(new URL("../..", import.meta.url));
export const inCi = process.env.CI !== undefined && process.env.CI !== "false";

/** The project's own copy first, then PATH; null unless it is exactly the pinned version. @returns {string | null} */
export function findOpa() {
  for (const candidate of [join(root, ".atlas/bin/opa"), "opa"]) {
    const { status, stdout } = spawnSync(candidate, ["version"], { encoding: "utf8" });
    if (status === 0 && stdout.startsWith(`Version: ${opaVersion}\n`)) return candidate;
  }
  return null;
}

/** Takes two minutes, once: `.atlas/bin` is what CI caches. @returns {string} */
export function installOpa() {
  const known = findOpa();
  if (known !== null) return known;
  console.error(`installing opa ${opaVersion} into .atlas/bin (about two minutes)`);
  const bin = join(root, ".atlas/bin");
  mkdirSync(bin, { recursive: true });
  const { status, error } = spawnSync("go", ["install", `github.com/open-policy-agent/opa@v${opaVersion}`], {
    env: { ...process.env, GOBIN: bin },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const installed = status === 0 ? findOpa() : null;
  if (installed === null) {
    fail(error ? "Expected Go on the PATH to install opa; there is none." : "`go install` of opa failed.");
  }
  return installed;
}

/**
 * Ends the process when there is no opa: quietly on a developer's machine, where the committed bundle is good enough,
 * and as a failure in CI. @param {string} task @returns {string}
 */
export function requireOpa(task) {
  const opa = findOpa();
  if (opa !== null) return opa;
  const message = `${task}: opa ${opaVersion} is absent, so nothing was checked; \`npm run policy:install\` installs it (needs Go).`;
  if (inCi) fail(message);
  console.error(`SKIPPED ${message}`);
  process.exit(0);
}

/** Runs opa in the root and answers what it printed; a failure ends the process. @param {string} opa @param {readonly string[]} args */
export function runOpa(opa, args) {
  const { status, stdout, stderr } = spawnSync(opa, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) fail(`\`opa ${args.join(" ")}\` failed:\n${stdout}${stderr}`);
  return stdout;
}

/**
 * What policies may call: only what the WASM host supplies. `opa build` itself accepts functions that exist natively
 * alone. The host's list is older than Rego v1 and lacks the features that only concern the parser, and the one function
 * that the compiler itself replaces by a constant: what a rule's METADATA says.
 */
export function writeCapabilities() {
  const supplied = JSON.parse(
    readFileSync(join(root, "node_modules/@open-policy-agent/opa-wasm/capabilities.json"), "utf8"),
  );
  const folder = join(root, ".atlas/policies");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "capabilities.json");
  const builtins = [...supplied.builtins, metadataOfRule];
  writeFileSync(file, JSON.stringify({ ...supplied, builtins, features: ["rego_v1", "keywords_in_refs"] }));
  return file;
}

const metadataOfRule = {
  name: "rego.metadata.chain",
  decl: { type: "function", result: { type: "array", dynamic: { type: "any" } } },
};

/** What is built and committed: the policies themselves, and those that the runtime's tests are asked with. */
export const bundles = [
  { path: "policies/bundle/atlas.tar.gz", sources: ["policies"], limited: true },
  { path: "policies/runtime/fixtures/hostile.tar.gz", sources: ["policies/runtime/fixtures/hostile.rego"] },
  { path: "policies/runtime/fixtures/moody.tar.gz", sources: ["policies/runtime/fixtures/moody"] },
  { path: "policies/runtime/fixtures/native.tar.gz", sources: ["policies/runtime/fixtures/native.rego"] },
];

/** Not part of the policies: tests, case tables, fixtures, and what was built before. */
export const ignored = ["cases", "bundle", "fixtures"].flatMap((pattern) => ["--ignore", pattern]);

/** @param {string} opa @param {typeof bundles[number]} bundle @param {string} [output] */
export function buildBundle(opa, { path, sources, limited = false }, output = path) {
  const capabilities = limited ? ["--capabilities", writeCapabilities()] : [];
  runOpa(opa, [
    "build",
    "-t",
    "wasm",
    ...capabilities,
    ...ignored,
    "--ignore",
    "*_test.rego",
    "-o",
    output,
    ...sources,
  ]);
}

/** @param {string} message @returns {never} */
export function fail(message) {
  console.error(message);
  process.exit(1);
}
