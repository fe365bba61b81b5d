/** One thing that `npm run check` checks. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { checkout } from "../local/paths.ts";

export type Step = {
  readonly name: string;
  /** Answers what is wrong, ready to be read; nothing when all is well. */
  readonly run: () => Promise<Faults>;
};

export type Faults = readonly string[];

/** A step that is a program of a package: it passes when the program exits with 0. */
export function program(name: string, ...args: readonly string[]): () => Promise<Faults> {
  return () => runProgram(join(checkout, "node_modules/.bin", name), args);
}

export function script(name: string): () => Promise<Faults> {
  return () => runProgram("npm", ["run", "--silent", name]);
}

function runProgram(command: string, args: readonly string[]): Promise<Faults> {
  const child = spawn(command, args, { cwd: checkout, stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve) => {
    child.once("error", (error) => resolve([error.message]));
    child.once("close", (code) => {
      const said = Buffer.concat(output).toString().trim();
      resolve(code === 0 ? [] : [said || `exit code ${code}`]);
    });
  });
}
