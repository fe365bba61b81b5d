/** One launcher at a time in a checkout. A lock whose holder is gone, or whose pid is somebody else's by now, is void. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { LaunchError } from "./launchError.ts";
import { findStartOf } from "./processes/identity.ts";
import { state } from "./state.ts";

type Holder = { readonly pid: number; readonly startedAt: string | undefined };

/** Throws, with the pid, when another launcher holds the lock. Given back when this process ends. */
export function takeLock(): void {
  mkdirSync(dirname(state.lock), { recursive: true });
  const mine: Holder = { pid: process.pid, startedAt: findStartOf(process.pid) };
  for (;;) {
    try {
      writeFileSync(state.lock, JSON.stringify(mine), { flag: "wx" });
      break;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      assertNotRunning();
      rmSync(state.lock, { force: true });
    }
  }
  process.on("exit", () => rmSync(state.lock, { force: true }));
}

export function assertNotRunning(): void {
  const pid = findRunning();
  if (pid === undefined) return;
  throw new LaunchError(
    `Atlas already runs in this checkout (pid ${pid}). Stop it with Ctrl-C where it was started, or \`kill ${pid}\`.`,
  );
}

/** The pid of the launcher that holds the lock now. */
export function findRunning(): number | undefined {
  const holder = readHolder();
  if (holder === undefined) return undefined;
  return findStartOf(holder.pid) === holder.startedAt && holder.startedAt !== undefined
    ? holder.pid
    : undefined;
}

function readHolder(): Holder | undefined {
  try {
    return JSON.parse(readFileSync(state.lock, "utf8")) as Holder; // only takeLock writes it
  } catch {
    return undefined;
  }
}
