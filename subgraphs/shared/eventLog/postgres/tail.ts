/** Reads on from a place in each partition and gives every batch away, for ever: the loop behind `subscribe`. */
import type pg from "pg";
import type { LogRecord, SubscribeOptions, Subscription, TopicPartitionOffset } from "../eventLog.ts";
import { fetchRecords, groupByPartition, listOffsets, nextOffset, partitionName } from "./records.ts";
import type { WakeUp } from "./wakeUp.ts";
import { pause, withRetry } from "./withRetry.ts";

const recordsMax = 500;

/** Resolves when the places are fixed: whatever is sent from then on will be given. */
export async function openTail(
  pool: pg.Pool,
  wakeUp: WakeUp,
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
      const woken = wakeUp.next();
      try {
        const records = await fetchRecords(pool, [...places.values()], recordsMax);
        for (const group of groupByPartition(records)) await give(group);
        attempt = 0;
        if (records.length === 0) await Promise.race([woken, aborted(stopping.signal)]);
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

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
