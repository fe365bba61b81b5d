/** Starts one child that cannot outlive us, hands over its output line by line, and knows how to stop it. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { compiled } from "../paths.ts";

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type RunningProcess = {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Asks with SIGTERM, insists with SIGKILL after `graceMs`, resolves when it is gone. */
  readonly stop: (graceMs?: number) => Promise<Exit>;
};

export type ProcessOptions = {
  /** A compiled script, run by this Node. */
  readonly script: string;
  readonly args?: readonly string[];
  /** The whole environment of the child, besides PATH and what Node itself needs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly onLine: (line: string) => void;
};

const tether = pathToFileURL(compiled("infra/local/processes/tether.js")).href;

export function spawnProcess({ script, args = [], env = {}, cwd, onLine }: ProcessOptions): RunningProcess {
  const child = spawn(process.execPath, ["--import", tether, script, ...args], {
    env: { ...inherited(), ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A session of its own: Ctrl-C in the terminal must reach the launcher alone, which stops the parts in order.
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
  });
  forwardLines(child, onLine);
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", (error) => {
      onLine(error.message);
      resolve({ code: 127, signal: null });
    });
  });
  return { pid: child.pid ?? -1, exited, stop: (graceMs = 10_000) => stop(child, exited, graceMs) };
}

export const guardScript = compiled("infra/local/processes/guard.js");

/** Children get no variables by accident: only what finding programs, files and time zones takes. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "TEMP", "TZ", "SystemRoot", "CI", "NO_COLOR"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function forwardLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", onLine);
  }
}

async function stop(child: ChildProcess, exited: Promise<Exit>, graceMs: number): Promise<Exit> {
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), graceMs);
  const exit = await exited;
  clearTimeout(insist);
  return exit;
}
