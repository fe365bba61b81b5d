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
  const { groupId, topics, sessionTimeoutMs = 10_000, partitionsAtOnce = 3 } = options;
  const member: Member = { groupId, memberId: randomUUID(), topics, sessionTimeoutMs };
  // Whether somebody joined or left is looked up at least this often.
  const waitMs = Math.min(pollMs, 1_000, sessionTimeoutMs / 3);
  const stopping = new AbortController();
  // On a busy topic membership is looked up this often; every commit is fenced by its claim in any case.
  const shareMs = waitMs / 2;
  let sharedAt = Number.NEGATIVE_INFINITY;
  const begun = new Map<string, string>();
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
        if (performance.now() - sharedAt >= shareMs || attempt > 0) {
          claims = await share(pool, member);
          sharedAt = performance.now();
        }
        const records = await fetchRecords(pool, claims.map(placeOf), recordsMax);
        await workThrough(groupByPartition(records));
        attempt = 0;
        if (records.length === 0) {
          await bell.wait(known, waitMs, stopping.signal);
          // Nothing was going on, so looking costs nothing.
          sharedAt = Number.NEGATIVE_INFINITY;
        }
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
    const waiting = [...groups];
    const workers = Array.from({ length: partitionsAtOnce }, async () => {
      for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
        await work(group).catch((error: unknown) => errors.push(error));
      }
    });
    await Promise.all(workers);
    if (errors.length > 0) throw errors[0];
  }

  function placeOf(claim: Claim): TopicPartitionOffset {
    const { topic, partition, committed, low, high } = claim;
    const wanted = sought.get(partitionName(claim))?.offset ?? committed;
    const isThere = wanted !== null && BigInt(wanted) >= BigInt(low) && BigInt(wanted) <= BigInt(high);
    if (isThere) return { topic, partition, offset: wanted };
    if (options.from === "earliest") return { topic, partition, offset: low };
    // Kept until the first commit: the end moves on, and what came meanwhile must not be stepped over.
    const offset = begun.get(partitionName(claim)) ?? high;
    begun.set(partitionName(claim), offset);
    return { topic, partition, offset };
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
        const committed = nextOffset(resolved);
        const isSame = (one: Claim): boolean => one.topic === topic && one.partition === partition;
        // As the database would tell it when asked again.
        claims = claims.map((one) =>
          isSame(one) ? { ...one, committed, high: later(one.high, committed) } : one,
        );
        begun.delete(partitionName(claim));
        // Unless somebody sought again while the batch was worked on.
        if (sought.get(partitionName(claim)) === asked) sought.delete(partitionName(claim));
      }
    }
  }
}

function later(one: string, other: string): string {
  return BigInt(one) > BigInt(other) ? one : other;
}
