/** Keeps one process running: when it ends by itself it is started again, ever later while that keeps happening. */
import { setTimeout as delay } from "node:timers/promises";
import type { Exit, RunningProcess } from "./spawnProcess.ts";

export type Supervised = {
  /** Resolves when the first launch has; rejects when it did not, and then nothing is watched. */
  readonly ready: Promise<void>;
  /** May be called at any time, also while starting. */
  readonly stop: () => Promise<void>;
};

export type SuperviseOptions = {
  /** Leaves nothing running when it rejects or when the signal aborts. */
  readonly launch: (signal: AbortSignal) => Promise<Pick<RunningProcess, "exited" | "stop">>;
  readonly onCrashed: (exit: Exit, delayMs: number) => void;
  readonly onRestarted: () => void;
  readonly onRestartFailed: (error: unknown, delayMs: number) => void;
  readonly backOff?: BackOff;
};

export type BackOff = {
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
  /** A process that ran this long is taken to be well, and its next crash to be the first. */
  readonly stableMs: number;
};

const defaultBackOff: BackOff = { firstDelayMs: 250, delayMsMax: 30_000, stableMs: 30_000 };

export function supervise({ launch, backOff = defaultBackOff, ...events }: SuperviseOptions): Supervised {
  const stopping = new AbortController();
  const { signal } = stopping;
  const first = launch(signal);
  const watching = first.then(watch, () => undefined);
  return {
    ready: first.then(() => undefined),
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };

  async function watch(launched: Awaited<ReturnType<typeof launch>>): Promise<void> {
    let crashes = 0;
    let current: typeof launched | undefined = launched;
    while (current !== undefined) {
      const startedAt = Date.now();
      const exit = await Promise.race([current.exited, aborted(signal)]);
      if (exit === "aborted") return void (await current.stop());
      crashes = Date.now() - startedAt > backOff.stableMs ? 1 : crashes + 1;
      const delayMs = delayAfter(crashes, backOff);
      events.onCrashed(exit, delayMs);
      current = (await pause(delayMs)) ? await relaunch(crashes) : undefined;
    }
  }

  /** Undefined when we were asked to stop meanwhile. */
  async function relaunch(crashes: number): Promise<Awaited<ReturnType<typeof launch>> | undefined> {
    try {
      const launched = await launch(signal);
      events.onRestarted();
      return launched;
    } catch (error) {
      if (signal.aborted) return undefined;
      const delayMs = delayAfter(crashes + 1, backOff);
      events.onRestartFailed(error, delayMs);
      return (await pause(delayMs)) ? relaunch(crashes + 1) : undefined;
    }
  }

  async function pause(delayMs: number): Promise<boolean> {
    await delay(delayMs, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }
}

function aborted(signal: AbortSignal): Promise<"aborted"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("aborted");
    signal.addEventListener("abort", () => resolve("aborted"), { once: true });
  });
}

/** Doubles up to the cap, spread by half so that parts which fell together do not rise together. */
export function delayAfter(
  crashes: number,
  { firstDelayMs, delayMsMax }: BackOff = defaultBackOff,
  random: () => number = Math.random,
): number {
  const full = Math.min(delayMsMax, firstDelayMs * 2 ** (crashes - 1));
  return Math.round(full * (0.5 + random() / 2));
}
