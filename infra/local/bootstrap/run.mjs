/** Runs a program quietly: its output is shown only when it fails. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./step.mjs";

/** @param {string} command @param {readonly string[]} args @param {Record<string, string>} [env] */
export function run(command, args, env = {}, cwd = root) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve(undefined);
      const said = Buffer.concat(output).toString().trim();
      reject(new BootstrapError(`\`${[command, ...args].join(" ")}\` failed (exit code ${code}):\n${said}`));
    });
  });
}

/** Runs the JavaScript program that a package offers under `name`. @param {string} name @param {readonly string[]} args @param {Record<string, string>} [env] */
export function runTool(name, args, env) {
  const suffix = process.platform === "win32" ? ".cmd" : "";
  return run(join(root, "node_modules", ".bin", `${name}${suffix}`), args, env);
}

/** A fault that the person at the terminal reads as it is, without a stack. */
export class BootstrapError extends Error {}
