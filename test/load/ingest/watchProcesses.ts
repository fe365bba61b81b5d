/** Memory and CPU of processes, from /proc once a second (Linux alone has it). */
import { readFileSync } from "node:fs";

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

export function watchProcesses(pids: () => Readonly<Record<string, number>>): {
  readonly stop: () => readonly Usage[];
} {
  const memory = new Map<string, number[]>();
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  const look = (): void => {
    for (const [name, pid] of Object.entries(pids())) {
      try {
        const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
        const times = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
        const cpu = (Number(times[11]) + Number(times[12])) / ticksPerSecond;
        memory.set(name, [...(memory.get(name) ?? []), (pages * pageBytes) / 2 ** 20]);
        if (!first.has(name)) first.set(name, cpu);
        last.set(name, cpu);
      } catch {
        // Gone at the moment, or no /proc here.
      }
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

function mean(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
}
