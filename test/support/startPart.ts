/** Starts one process of a region for a test: the compiled program, a free port, ready when it says so. */
import { createServer } from "node:net";
import { type Exit, spawnProcess } from "../../infra/local/processes/spawnProcess.ts";
import { waitUntilHealthy } from "../../infra/local/processes/waitUntilHealthy.ts";
import type { Part } from "../../infra/local/region.ts";

export type RunningPart = AsyncDisposable & {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** What it has written so far, a line each. */
  readonly log: readonly string[];
  readonly stop: () => Promise<Exit>;
};

/** Rejects with the process's own last words when it does not get ready. */
export async function startPart(part: Part): Promise<RunningPart> {
  const log: string[] = [];
  const running = spawnProcess({ script: part.script, env: part.env, onLine: (line) => log.push(line) });
  const health = await waitUntilHealthy(part.health, running.exited, 30_000);
  if (health !== "healthy") {
    await running.stop();
    const what = health === "gone" ? "ended while starting" : "was not ready within 30 s";
    throw new Error(`${part.name} ${what}. It said:\n  ${log.slice(-15).join("\n  ")}`);
  }
  return {
    pid: running.pid,
    exited: running.exited,
    log,
    stop: running.stop,
    [Symbol.asyncDispose]: async () => {
      await running.stop();
    },
  };
}

/** A port that was free a moment ago; the system hands them out in turn, so two callers hardly ever get the same. */
export function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      if (address === null || typeof address === "string")
        return reject(new Error("Expected a TCP address."));
      probe.close(() => resolve(address.port));
    });
  });
}
