/** Starts something that needs another process, for as long as it takes. */
import { setTimeout as sleep } from "node:timers/promises";

export type Trying<Started> = {
  /** Gives up trying; what was started is the caller's to stop. */
  readonly stop: () => Promise<Started | undefined>;
};

const restMs = 1_000;

export function keepTrying<Started>(
  start: () => Promise<Started>,
  onFailure: (error: unknown) => void,
): Trying<Started> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };

  async function run(): Promise<Started | undefined> {
    while (!signal.aborted) {
      try {
        return await start();
      } catch (error) {
        if (!signal.aborted) onFailure(error);
      }
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }
}
