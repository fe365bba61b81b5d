/** Looks at processes from outside, as the system has them (/proc, so on Linux). */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

export type ProcessEntry = { readonly pid: number; readonly parent: number; readonly commandLine: string };

/** Children, their children, and so on. */
export function descendantsOf(pid: number): readonly ProcessEntry[] {
  const all = listProcesses();
  const below = (parent: number): ProcessEntry[] =>
    all.filter((entry) => entry.parent === parent).flatMap((entry) => [entry, ...below(entry.pid)]);
  return below(pid);
}

export function isAlive(pid: number): boolean {
  return listProcesses().some((entry) => entry.pid === pid);
}

/** Rejects with those that are still there after `timeoutMs`. */
export async function waitUntilGone(entries: readonly ProcessEntry[], timeoutMs: number): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; ; await delay(100)) {
    const left = entries.filter(({ pid }) => isAlive(pid));
    if (left.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`Still running: ${left.map(({ commandLine }) => commandLine).join("; ")}`);
  }
}

function listProcesses(): readonly ProcessEntry[] {
  return readdirSync("/proc").flatMap((entry) => {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const commandLine = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ");
      // A zombie has ended and waits to be asked for its exit code.
      return state === "Z" ? [] : [{ pid: Number(entry), parent: Number(parent), commandLine }];
    } catch {
      return [];
    }
  });
}
