/** Starts one child that cannot outlive us, hands over its output line by line, and knows how to stop it. */
import { spawn } from "node:child_process";
import { openSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compiled } from "../paths.ts";
import { followLines } from "./followLines.ts";

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
  /** Where its output is appended; without one it is kept in a file without a name while it runs. */
  readonly logFile?: string | undefined;
  readonly onLine: (line: string) => void;
};

export const guardScript = compiled("infra/local/processes/guard.js");
const tether = pathToFileURL(compiled("infra/local/processes/tether.js")).href;

export function spawnProcess({
  script,
  args = [],
  env = {},
  cwd,
  logFile,
  onLine,
}: ProcessOptions): RunningProcess {
  // A file, not a pipe: when we are killed a pipe breaks, and loggers that retry a broken pipe for ever (pino) would
  // keep the child from stopping.
  const log = logFile === undefined ? openNameless() : openSync(logFile, "a+");
  const child = spawn(process.execPath, ["--import", tether, script, ...args], {
    env: { ...inherited(), ...env },
    stdio: ["ignore", log, log, "ipc"],
    // A session of its own: Ctrl-C in the terminal must reach the launcher alone, which stops the parts in order.
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
  });
  const stopFollowing = followLines(log, onLine);
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", (error) => {
      onLine(error.message);
      resolve({ code: 127, signal: null });
    });
  }).finally(stopFollowing);

  return {
    pid: child.pid ?? -1,
    exited,
    stop: async (graceMs = 10_000) => {
      child.kill("SIGTERM");
      const insist = setTimeout(() => child.kill("SIGKILL"), graceMs);
      const exit = await exited;
      clearTimeout(insist);
      return exit;
    },
  };
}

/** Children get no variables by accident: only what finding programs, files and time zones takes. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "TEMP", "TZ", "SystemRoot", "CI", "NO_COLOR"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

let opened = 0;

/** It is gone as soon as the last process that has it open is. */
function openNameless(): number {
  opened += 1;
  const path = join(tmpdir(), `atlas-${process.pid}-${opened}.log`);
  const fd = openSync(path, "ax+", 0o600);
  unlinkSync(path);
  return fd;
}
