/** The launcher as a person runs it, in a state folder of its own, and what it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { compiled } from "../../../infra/local/paths.ts";

export type Launcher = {
  readonly pid: number;
  readonly exited: Promise<number | null>;
  /** Everything written so far. */
  readonly output: () => string;
  /** Resolves with the match as soon as the output has one; rejects when the launcher ends first. */
  readonly said: (pattern: RegExp) => Promise<RegExpMatchArray>;
  readonly kill: (signal: NodeJS.Signals) => boolean;
};

export function startLauncher(stateFolder: string): Launcher {
  const child = spawn(process.execPath, [compiled("infra/local/start.js")], {
    env: { ...process.env, ATLAS_LOCAL_FOLDER: stateFolder, ATLAS_DATA_FOLDER: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return {
    pid: pidOf(child),
    exited,
    output: () => output,
    said: (pattern) => waitFor(pattern, () => output, child),
    kill: (signal) => child.kill(signal),
  };
}

async function waitFor(
  pattern: RegExp,
  output: () => string,
  child: ChildProcess,
): Promise<RegExpMatchArray> {
  for (;;) {
    const match = output().match(pattern);
    if (match !== null) return match;
    if (child.exitCode !== null)
      throw new Error(`The launcher ended before it said ${pattern}. It said:\n${output()}`);
    await delay(50);
  }
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error("The launcher could not be started.");
  return pid;
}
