/** The launcher's hold on its processes: starts them supervised, logs what they write, reports crashes by name. */
import type { PartName } from "../ports.ts";
import { type ClusterOptions, clusterUrl, startCluster } from "../postgres/cluster.ts";
import type { Part } from "../region.ts";
import { findTrouble, logFileOf, say } from "../terminal.ts";
import { launchPart } from "./launchPart.ts";
import type { Exit } from "./spawnProcess.ts";
import { type Supervised, type SuperviseOptions, supervise } from "./supervise.ts";

export type PartKeeper = {
  /** Resolves when the part is ready. */
  readonly start: (part: Part) => Promise<void>;
  /** Answers the superuser's URL of a database. */
  readonly startPostgres: (options: ClusterOptions) => Promise<(database: string) => string>;
  /** From here on what goes wrong in a part is said; until then it is in the error of `start`. */
  readonly markReady: () => void;
  /** Stops the groups one after the other, the parts of a group together, ready or not. */
  readonly stop: (...groups: readonly PartName[][]) => Promise<void>;
};

/** With the name of a region where several run: it stands before the names of parts, in what is said and in log files. */
export function createPartKeeper(region?: string): PartKeeper {
  const labelOf = (name: PartName): string => (region === undefined ? name : `${region}-${name}`);
  const kept = new Map<PartName, Supervised>();
  let isReady = false;
  const isQuiet = (): boolean => !isReady;

  function keep(name: PartName, launch: SuperviseOptions["launch"]): Promise<void> {
    const supervised = supervise({ launch, ...reports(labelOf(name), isQuiet) });
    kept.set(name, supervised);
    return supervised.ready;
  }

  function logOf(name: PartName): { logFile: string; onLine: (line: string) => void } {
    const onLine = (line: string): void => {
      const trouble = isQuiet() ? undefined : findTrouble(line);
      if (trouble !== undefined) say(labelOf(name), trouble);
    };
    return { logFile: logFileOf(labelOf(name)), onLine };
  }

  return {
    start: (part) => {
      return keep(part.name, (signal) => launchPart(part, { ...logOf(part.name), signal }));
    },
    startPostgres: async (options) => {
      await keep("postgres", (signal) => startCluster({ ...options, ...logOf("postgres"), signal }));
      return (database) => clusterUrl(options, database);
    },
    markReady: () => {
      isReady = true;
    },
    stop: async (...groups) => {
      isReady = false;
      for (const group of groups) await Promise.all(group.map((name) => kept.get(name)?.stop()));
    },
  };
}

function reports(name: string, isQuiet: () => boolean): Omit<SuperviseOptions, "launch"> {
  const report = (text: string): void => {
    if (!isQuiet()) say(name, text);
  };
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  return {
    onCrashed: (exit, delayMs) =>
      report(`ended unexpectedly (${describeExit(exit)}); starting it again in ${seconds(delayMs)}`),
    onRestarted: () => report("is running again"),
    onRestartFailed: (error, delayMs) => {
      const said = error instanceof Error ? error.message : String(error);
      report(
        `could not be started again: ${said}\n  Trying again in ${seconds(delayMs)}; see .atlas/logs/${name}.log`,
      );
    },
  };
}

function describeExit({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
