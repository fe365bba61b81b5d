/** What a process and its children have cost so far, from /proc (proc(5)); Linux only. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

export function readCpuSeconds(pid: number): number {
  return familyOf(pid)
    .map((member) => readStat(member))
    .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, 0);
}

/** The process and all that it has started. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (/^\d+$/.test(entry)) parents.set(Number(entry), parentOf(Number(entry)));
  }
  const family = [pid];
  for (const member of family) {
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  }
  return family;
}

function parentOf(pid: number): number {
  try {
    return Number(readStat(pid)[1]);
  } catch {
    return 0; // Gone since the folder was listed.
  }
}

/** Fields after the name in parentheses, which may hold spaces: state, ppid, …, utime (11), stime (12). */
function readStat(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
