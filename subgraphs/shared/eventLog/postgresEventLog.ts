/**
 * The event log in PostgreSQL: the embedded default. Tables and the rules of offsets are in
 * prisma/migrations/0007_event_log.sql.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import type { EventLog, Producer, ReadRequest } from "./eventLog.ts";
import { EventLogError } from "./eventLogError.ts";
import { assertMessages, assertTopicName, placeMessages } from "./placeMessages.ts";
import { openConsumer } from "./postgres/consumer.ts";
import { listLag } from "./postgres/group.ts";
import { append, createTopic, deleteExpired, fetchRecords, listOffsets } from "./postgres/records.ts";
import { openTail, type WakeUps } from "./postgres/tail.ts";
import { listenFor } from "./postgres/wakeUp.ts";
import { withRetry } from "./postgres/withRetry.ts";

export type PostgresEventLogOptions = {
  readonly url: string;
  readonly applicationName: string;
  /** How long readers wait for a notification before they look by themselves. Default 5,000. */
  readonly pollMs?: number;
  /** How often expired records are deleted. Default an hour; 0 leaves it to other processes. */
  readonly retentionCheckMs?: number;
  /** Told of faults in the background that are retried. */
  readonly onFault?: (error: unknown) => void;
};

export function openPostgresEventLog(options: PostgresEventLogOptions): EventLog {
  const { url, applicationName, pollMs = 5_000, retentionCheckMs = 3_600_000, onFault } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max: 4,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  });
  // Connections that break while idle; whoever asks next gets a new one.
  pool.on("error", (error) => onFault?.(error));
  const closing = new AbortController();
  const opened = new Set<() => Promise<void>>();
  let wakeUp: ReturnType<typeof listenFor> | undefined;
  const retention =
    retentionCheckMs > 0
      ? setInterval(
          () => void deleteExpired(pool).catch((error) => onFault?.(error)),
          retentionCheckMs,
        ).unref()
      : undefined;

  return {
    createTopic: (topic, topicOptions) => {
      assertTopicName(topic);
      return withRetry(() => createTopic(pool, topic, topicOptions), closing.signal);
    },
    createProducer: ({ producerId } = {}) => createProducer(producerId),
    listOffsets: (topic) => withRetry(() => listOffsets(pool, topic), closing.signal),
    read: (request) => withRetry(() => read(request), closing.signal),
    subscribe: async (subscribeOptions) => {
      const tail = await openTail(pool, listen(), subscribeOptions);
      return { close: keepOpen(tail.close) };
    },
    consume: async (consumeOptions) => {
      for (const topic of consumeOptions.topics)
        await withRetry(() => listOffsets(pool, topic), closing.signal);
      const consumer = await openConsumer(pool, listen(), consumeOptions);
      return { ...consumer, stop: keepOpen(consumer.stop) };
    },
    listLag: (groupId, topic) => withRetry(() => listLag(pool, groupId, topic), closing.signal),
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort();
      clearInterval(retention);
      await Promise.all([...opened].map((close) => close()));
      await wakeUp?.stop();
      await pool.end();
    },
  };

  /** One connection listens for all readers, from the first on. */
  function listen(): WakeUps {
    wakeUp ??= listenFor("event_log", url, `${applicationName}-listen`);
    return { bell: wakeUp.bell, pollMs };
  }

  /** What `close` must close, unless it was closed before. */
  function keepOpen(close: () => Promise<void>): () => Promise<void> {
    const closeOnce = async (): Promise<void> => {
      if (opened.delete(closeOnce)) await close();
    };
    opened.add(closeOnce);
    return closeOnce;
  }

  function createProducer(producerId: string | undefined): Producer {
    const id = producerId ?? randomUUID();
    const partitionCounts = new Map<string, number>();
    let turn = 0;
    let counted = 0n;
    return {
      send: async (topic, messages) => {
        assertMessages(topic, producerId, messages);
        const count = partitionCounts.get(topic) ?? (await countPartitions(topic));
        partitionCounts.set(topic, count);
        // Numbered before the first attempt, so that every attempt sends the same numbers.
        const placed = placeMessages(messages, count, turn).map((message) => ({
          ...message,
          sequence: message.sequence ?? String(counted++),
        }));
        turn += messages.length;
        const offsets = await withRetry(() => append(pool, topic, id, placed), closing.signal);
        return placed.map(({ partition }, index) => ({
          partition,
          offset: offsets[index] ?? missing(topic),
        }));
      },
    };
  }

  async function countPartitions(topic: string): Promise<number> {
    return (await withRetry(() => listOffsets(pool, topic), closing.signal)).length;
  }

  async function read({ topic, partition, offset, recordsMax }: ReadRequest) {
    const bounds = (await listOffsets(pool, topic)).find((one) => one.partition === partition);
    if (!bounds) {
      throw new EventLogError(
        "UNKNOWN_TOPIC_OR_PARTITION",
        `expected a partition of ${topic}; got ${partition}`,
      );
    }
    if (BigInt(offset) < BigInt(bounds.low) || BigInt(offset) > BigInt(bounds.high)) {
      throw new EventLogError(
        "OFFSET_OUT_OF_RANGE",
        `expected an offset from ${bounds.low} to ${bounds.high} of ${topic}/${partition}; got ${offset}`,
      );
    }
    return fetchRecords(pool, [{ topic, partition, offset }], recordsMax);
  }
}

function missing(topic: string): never {
  throw new Error(`the database stored a message to ${topic} and told no offset of it`);
}
