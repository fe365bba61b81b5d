/**
 * Looks for chains that fell silent. A gateway that runs says so every minute, also when nothing happens, and one that
 * stops says that; whatever is between was lost with its process.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Db } from "../db.ts";
import { reportGaps } from "./reportGaps.ts";

type Options = { readonly db: Db; readonly log: Logger };

export type Watch = { readonly stop: () => Promise<void> };

/** Five times what a gateway keeps to. */
const silentMs = 300_000;
const lookMs = 60_000;

/** Looks for the first time when what had queued up while this process was away must have come. */
export function startWatchingChains({ db, log }: Options): Watch {
  const stopping = new AbortController();
  const pause = (ms: number) =>
    sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);

  async function watch(): Promise<void> {
    await pause(silentMs);
    while (!stopping.signal.aborted) {
      await reportSilentChains({ db, log }, new Date(Date.now() - silentMs)).catch((err: unknown) =>
        log.error({ err }, "chains of decisions could not be looked at"),
      );
      await pause(lookMs);
    }
  }

  const watching = watch();
  return {
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

/** Those of which nothing was heard since then. */
export async function reportSilentChains({ db, log }: Options, since: Date): Promise<void> {
  for (const { id } of await db.findSilentChains(since)) {
    const gap = await db.inTransaction(async (queries) => {
      const chain = await queries.lockChain(id);
      // It was heard of meanwhile.
      if (!chain || chain.endedAt !== null || chain.lastAt >= since) return undefined;
      const found = { seq: chain.lastSeq + 1n, reason: "NOT_ENDED" as const };
      await queries.insertGap({ chainId: id, ...found, decisions: 0n });
      await reportGaps(queries, chain, [found], new Date());
      return found;
    });
    if (gap) log.error({ chain: id, ...gap, seq: String(gap.seq) }, "decisions are missing on record");
  }
}
