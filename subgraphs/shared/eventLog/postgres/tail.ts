/** Reads on from a place in each partition and gives every batch away, for ever: the loop behind `subscribe`. */
import type pg from "pg";
import type { Bell } from "../createBell.ts";
import type { LogRecord, SubscribeOptions, Subscription, TopicPartitionOffset } from "../eventLog.ts";
import { nextOffset, partitionName } from "../partitionName.ts";
import { pause } from "../retryOutage.ts";
import { fetchRecords, groupByPartition, listOffsets } from "./records.ts";
import { withRetry } from "./withRetry.ts";

/** What tells a reader that there may be more. */
export type WakeUps = {
  readonly bell: Bell;
  /** How long a reader waits for the bell before it looks by itself. */
  readonly pollMs: number;
};

const recordsMax = 500;

/** Resolves when the places are fixed: whatever is sent from then on will be given. */
export async function openTail(
  pool: pg.Pool,
  { bell, pollMs }: WakeUps,
  options: SubscribeOptions,
): Promise<Subscription> {
  const stopping = new AbortController();
  const places = await findPlaces(pool, options, stopping.signal);
  const running = run();
  return {
    close: async () => {
      stopping.abort();
      await running;
    },
  };

  async function run(): Promise<void> {
    for (let attempt = 0; !stopping.signal.aborted; ) {
      const known = bell.rings();
      try {
        const records = await fetchRecords(pool, [...places.values()], recordsMax);
        for (const group of groupByPartition(records)) await give(group);
        attempt = 0;
        if (records.length === 0) await bell.wait(known, pollMs, stopping.signal);
      } catch (error) {
        options.onRetry?.(error);
        await pause(attempt, stopping.signal);
        attempt += 1;
      }
    }
  }

  async function give(records: readonly [LogRecord, ...LogRecord[]]): Promise<void> {
    if (stopping.signal.aborted) return;
    await options.onRecords(records);
    const { topic, partition, offset } = records.at(-1) ?? records[0];
    places.set(partitionName({ topic, partition }), { topic, partition, offset: nextOffset(offset) });
  }
}

async function findPlaces(
  pool: pg.Pool,
  { topics, from }: SubscribeOptions,
  signal: AbortSignal,
): Promise<Map<string, TopicPartitionOffset>> {
  const places = new Map<string, TopicPartitionOffset>();
  for (const topic of topics) {
    for (const { partition, low, high } of await withRetry(() => listOffsets(pool, topic), signal)) {
      places.set(partitionName({ topic, partition }), {
        topic,
        partition,
        offset: from === "earliest" ? low : high,
      });
    }
  }
  if (typeof from !== "string") for (const place of from) places.set(partitionName(place), place);
  return places;
}
