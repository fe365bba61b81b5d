/** Starts one part of a region and waits until it can do its work. */
import { LaunchError } from "../launchError.ts";
import type { Part } from "../region.ts";
import { type RunningProcess, spawnProcess } from "./spawnProcess.ts";
import { waitUntilHealthy } from "./waitUntilHealthy.ts";

export type LaunchOptions = {
  readonly logFile?: string;
  readonly onLine?: (line: string) => void;
  /** Gives up waiting, and stops what was started. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
};

/** Rejects with the process's last words when it ends first or is not ready in time; nothing is left running then. */
export async function launchPart(
  { name, script, env, health }: Part,
  { logFile, onLine, signal, timeoutMs = 60_000 }: LaunchOptions = {},
): Promise<RunningProcess> {
  const lastLines: string[] = [];
  const running = spawnProcess({
    script,
    env,
    logFile,
    onLine: (line) => {
      lastLines.push(line);
      if (lastLines.length > 15) lastLines.shift();
      onLine?.(line);
    },
  });
  const outcome = await waitUntilHealthy(health, { exited: running.exited, timeoutMs, signal });
  if (outcome === "healthy") return running;
  await running.stop();
  const happened = {
    gone: "ended while starting",
    late: `was not ready within ${timeoutMs / 1_000} s`,
    aborted: "was stopped while starting",
  } as const;
  throw new LaunchError(`${name} ${happened[outcome]}. It said:\n  ${lastLines.join("\n  ")}`);
}
