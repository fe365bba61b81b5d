/**
 * Memory and CPU of processes, from /proc once a second (Linux alone has it). Some work through their children, as
 * PostgreSQL does: memory that those share is counted for each that touched it, so its growth tells more than its height.
 */
import { readdirSync, readFileSync } from "node:fs";

export type Usage = {
  readonly name: string;
  readonly cpuSeconds: number;
  /** Resident MiB: the mean of the second tenth of the time, of the last tenth, and the most. */
  readonly earlyMib: number;
  readonly lateMib: number;
  readonly mostMib: number;
};

const pageBytes = 4_096;
const ticksPerSecond = 100;

/** By name; `parents` are taken together with their children. */
export function watchProcesses(
  pids: () => Readonly<Record<string, number>>,
  parents: Readonly<Record<string, number>> = {},
): { readonly stop: () => readonly Usage[] } {
  const memory = new Map<string, number[]>();
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  const look = (): void => {
    const seen = readProcesses();
    for (const [name, pid] of Object.entries({ ...pids(), ...parents })) {
      const family = seen.filter((one) => one.pid === pid || (name in parents && one.parent === pid));
      if (family.length === 0) continue;
      memory.set(name, [...(memory.get(name) ?? []), sum(family.map(({ mib }) => mib))]);
      const cpu = sum(family.map(({ cpuSeconds }) => cpuSeconds));
      if (!first.has(name)) first.set(name, cpu);
      // A child that ended is in its parent's times only once it was waited for.
      last.set(name, Math.max(cpu, last.get(name) ?? 0));
    }
  };
  look();
  const timer = setInterval(look, 1_000);
  return {
    stop: () => {
      look();
      clearInterval(timer);
      return [...memory].map(([name, mib]) => ({
        name,
        cpuSeconds: Math.round((last.get(name) ?? 0) - (first.get(name) ?? 0)),
        earlyMib: mean(mib.slice(Math.floor(mib.length * 0.1), Math.ceil(mib.length * 0.2))),
        lateMib: mean(mib.slice(Math.floor(mib.length * 0.9))),
        mostMib: Math.round(Math.max(...mib)),
      }));
    },
  };
}

type Seen = {
  readonly pid: number;
  readonly parent: number;
  readonly mib: number;
  /** Of the process itself and of children that it has waited for. */
  readonly cpuSeconds: number;
};

function readProcesses(): readonly Seen[] {
  return listProc().flatMap((pid) => {
    try {
      const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
      // proc_pid_stat(5), counted from the third field: 3 state, 4 ppid, 14 to 17 utime, stime, cutime, cstime.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      const ticks = sum(fields.slice(11, 15).map(Number));
      return [
        {
          pid,
          parent: Number(fields[1]),
          mib: (pages * pageBytes) / 2 ** 20,
          cpuSeconds: ticks / ticksPerSecond,
        },
      ];
    } catch {
      return []; // Gone meanwhile.
    }
  });
}

function listProc(): readonly number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return []; // No /proc here.
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return Math.round(sum(values) / Math.max(1, values.length));
}
