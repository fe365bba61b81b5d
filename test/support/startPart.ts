/** One process of a region for a test, which stops it by disposing of it. */
import { createServer } from "node:net";
import { launchPart } from "../../infra/local/processes/launchPart.ts";
import type { RunningProcess } from "../../infra/local/processes/spawnProcess.ts";
import type { Part } from "../../infra/local/region.ts";

export type RunningPart = AsyncDisposable &
  RunningProcess & {
    /** What it has written so far, a line each. */
    readonly log: readonly string[];
  };

export async function startPart(part: Part): Promise<RunningPart> {
  const log: string[] = [];
  const running = await launchPart(part, { onLine: (line) => log.push(line) });
  return {
    ...running,
    log,
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
