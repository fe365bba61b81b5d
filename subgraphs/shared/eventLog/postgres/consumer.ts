/** One member of a group: takes its share of the partitions, works through them, commits. Its whole loop is `run`. */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { ConsumeOptions, Consumer, LogRecord, TopicPartitionOffset } from "../eventLog.ts";
import { nextOffset, partitionName } from "../partitionName.ts";
import { pause } from "../retryOutage.ts";
import { beat, type Claim, commitOffset, leave, type Member, share } from "./group.ts";
import { fetchRecords, groupByPartition } from "./records.ts";
import type { WakeUps } from "./tail.ts";
import { withRetry } from "./withRetry.ts";

const recordsMax = 500;

/** Resolves when the consumer has joined its group. */
export async function openConsumer(
  pool: pg.Pool,
  { bell, pollMs }: WakeUps,
  options: ConsumeOptions,
): Promise<Consumer> {
  const { groupId, topics, sessionTimeoutMs = 10_000 } = options;
  const member: Member = { groupId, memberId: randomUUID(), topics, sessionTimeoutMs };
  // Whether somebody joined or left is looked up at least this often.
  const waitMs = Math.min(pollMs, 1_000, sessionTimeoutMs / 3);
  const stopping = new AbortController();
  const sought = new Map<string, TopicPartitionOffset>();
  let claims = await withRetry(() => share(pool, member), stopping.signal);
  // Beats on while a batch takes long; a process that hangs or dies stops beating.
  const heart = setInterval(() => void beat(pool, member).catch(() => undefined), sessionTimeoutMs / 3);
  const running = run();

  return {
    assignment: () => claims.map(({ topic, partition }) => ({ topic, partition })),
    seek: (position) => {
      sought.set(partitionName(position), position);
      bell.ring();
    },
    stop: async () => {
      stopping.abort();
      await running;
      clearInterval(heart);
      // Should the database be away, the others wait for the session to time out.
      await leave(pool, member).catch(() => undefined);
    },
  };

  async function run(): Promise<void> {
    for (let attempt = 0; !stopping.signal.aborted; ) {
      const known = bell.rings();
      try {
        claims = await share(pool, member);
        const records = await fetchRecords(pool, claims.map(placeOf), recordsMax);
        await workThrough(groupByPartition(records));
        attempt = 0;
        if (records.length === 0) await bell.wait(known, waitMs, stopping.signal);
      } catch (error) {
        options.onRetry?.(error);
        await pause(attempt, stopping.signal);
        attempt += 1;
      }
    }
  }

  /** A partition that fails does not keep the others waiting. */
  async function workThrough(groups: ReturnType<typeof groupByPartition>): Promise<void> {
    const errors: unknown[] = [];
    for (const group of groups) await work(group).catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }

  function placeOf(claim: Claim): TopicPartitionOffset {
    const { topic, partition, committed, low, high } = claim;
    const wanted = sought.get(partitionName(claim))?.offset ?? committed;
    const isThere = wanted !== null && BigInt(wanted) >= BigInt(low) && BigInt(wanted) <= BigInt(high);
    return { topic, partition, offset: isThere ? wanted : options.from === "earliest" ? low : high };
  }

  async function work(records: readonly [LogRecord, ...LogRecord[]]): Promise<void> {
    const [{ topic, partition }] = records;
    const claim = claims.find((one) => one.topic === topic && one.partition === partition);
    if (!claim || stopping.signal.aborted) return;
    const asked = sought.get(partitionName(claim));
    let resolved: string | undefined;
    try {
      await options.eachBatch({ topic, partition, records, resolveOffset: (offset) => (resolved = offset) });
      resolved = records.at(-1)?.offset;
    } finally {
      if (resolved !== undefined) {
        await commitOffset(
          pool,
          member,
          { topic, partition, offset: nextOffset(resolved) },
          claim.generation,
        );
        // Unless somebody sought again while the batch was worked on.
        if (sought.get(partitionName(claim)) === asked) sought.delete(partitionName(claim));
      }
    }
  }
}
