/**
 * What `npm start`, `npm test` and the other scripts run first. Plain JavaScript without dependencies, because it is
 * what installs them: after it, node_modules, generated code and dist/ are what the checkout says.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "./bootstrap/build.mjs";
import { generate } from "./bootstrap/generate.mjs";
import { assertNodeVersion, install } from "./bootstrap/install.mjs";
import { prepare } from "./bootstrap/prepare.mjs";
import { BootstrapError } from "./bootstrap/run.mjs";
import { root } from "./bootstrap/step.mjs";

/** Each command brings up to date what it needs and then, if it is more than that, goes on in this process or a child. */
const commands = {
  generate: async () => {
    await install();
    await generate();
  },
  build: prepare,
  start: async () => {
    await prepare();
    await import("../../dist/infra/local/start.js");
  },
  /** All regions: their state lies beside that of the single one, so both may exist, and run, at once. */
  startGlobal: async () => {
    process.env.ATLAS_LOCAL_FOLDER ??= join(root, ".atlas/global");
    await prepare();
    await import("../../dist/infra/local/startGlobal.js");
  },
  repairReplication: async () => {
    process.env.ATLAS_LOCAL_FOLDER ??= join(root, ".atlas/global");
    await prepare();
    await import("../../dist/infra/local/commands/repairReplication.js");
  },
  test: async (args) => {
    await prepare();
    const jest = join(root, "node_modules/jest/bin/jest.js");
    return runNode([
      "--experimental-vm-modules",
      "--disable-warning=ExperimentalWarning",
      // On two cores all suites run in one process, and what a suite imported is not given back (nodejs/node#33439).
      "--max-old-space-size=8192",
      jest,
      ...args,
    ]);
  },
  check: async (args) => {
    await install();
    await generate();
    // What does not compile is reported by the check itself, beside everything else.
    await build().catch(() => undefined);
    return runNode([join(root, "dist/infra/check/check.js"), ...args]);
  },
  /** `node infra/local/bootstrap.mjs run <file in dist> <arguments>`: what needs a build and nothing else. */
  run: async ([script, ...args]) => {
    await prepare();
    return runNode([join(root, "dist", script), ...args]);
  },
};

/** Answers the exit code. @param {readonly string[]} args @returns {Promise<number>} */
function runNode(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}

const [name = "", ...args] = process.argv.slice(2);
try {
  assertNodeVersion();
  const command = commands[name];
  if (command === undefined) {
    throw new BootstrapError(`Expected one of ${Object.keys(commands).join(", ")}; got "${name}".`);
  }
  const code = await command(args);
  if (typeof code === "number") process.exitCode = code;
} catch (error) {
  if (!(error instanceof BootstrapError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
