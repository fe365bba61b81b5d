/**
 * A trainer: turn after turn it offers what its region has and does what it is asked for. Rows never leave: what is sent is
 * a change of weights, or its share of a sum that hides it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createTurns, type TurnOptions } from "./training/takeTurns.ts";

export type TrainerOptions = TurnOptions & {
  /** How long it rests when there is nothing to do. Default 1,000. */
  readonly pollMs?: number;
};

export type Trainer = { readonly stop: () => Promise<void> };

/** After a failure it rests longer and longer, up to this. */
const restMsMax = 30_000;

export function startTrainer({ pollMs = 1_000, ...options }: TrainerOptions): Trainer {
  const stopping = new AbortController();
  const { signal } = stopping;
  const turns = createTurns(options);
  const running = work();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      // Whoever coordinates may be gone too; the offer runs out by itself then.
      await turns.leave().catch(() => undefined);
    },
  };

  async function work(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await turns.offer();
        await turns.work();
        failures = 0;
      } catch (error) {
        failures += 1;
        options.log.warn({ err: error, failures }, "trainer broke off and will go on");
      }
      await sleep(restMs(failures), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Full jitter, so that trainers that lost one gateway do not come back at once. */
  function restMs(failures: number): number {
    return failures === 0 ? pollMs : pollMs + Math.random() * Math.min(restMsMax, pollMs * 2 ** failures);
  }
}
