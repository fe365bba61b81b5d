/**
 * The event log in PostgreSQL: the embedded default. Tables and the rules of offsets are in
 * prisma/migrations/0007_event_log.sql.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import type { EventLog, Message, Producer, ReadRequest } from "./eventLog.ts";
import { EventLogError } from "./eventLogError.ts";
import { partitionOf } from "./partitionOf.ts";
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

/** As Kafka's `max.message.bytes`. */
const messageBytesMax = 1024 * 1024;

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
    createProducer: ({ producerId } = {}) =>
      producerId === undefined
        ? createProducer(randomUUID(), countFromZero())
        : createProducer(producerId, () => missingSequence(producerId)),
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

  function createProducer(producerId: string, nextSequence: () => string): Producer {
    const partitionCounts = new Map<string, number>();
    let turn = 0;
    return {
      send: async (topic, messages) => {
        for (const message of messages) assertSize(topic, message);
        const count = partitionCounts.get(topic) ?? (await countPartitions(topic));
        partitionCounts.set(topic, count);
        // Numbered before the first attempt, so that every attempt sends the same numbers.
        const placed = messages.map(({ key, value, headers = {}, ...own }) => ({
          partition: key === null ? turn++ % count : partitionOf(Buffer.from(key), count),
          sequence: own.sequence ?? nextSequence(),
          key: key === null ? null : Buffer.from(key),
          value: value === null ? null : Buffer.from(value),
          headers,
        }));
        const offsets = await withRetry(() => append(pool, topic, producerId, placed), closing.signal);
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

function assertTopicName(topic: string): void {
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(topic)) return;
  throw new EventLogError(
    "INVALID_TOPIC_EXCEPTION",
    `expected 1 to 249 letters, digits, dots, hyphens or underscores; got ${JSON.stringify(topic.slice(0, 80))}`,
  );
}

function assertSize(topic: string, { key, value }: Message): void {
  const bytes = (key === null ? 0 : Buffer.byteLength(key)) + (value === null ? 0 : Buffer.byteLength(value));
  if (bytes <= messageBytesMax) return;
  throw new EventLogError(
    "MESSAGE_TOO_LARGE",
    `expected at most ${messageBytesMax} bytes in a message to ${topic}; got ${bytes}`,
  );
}

function countFromZero(): () => string {
  let next = 0n;
  return () => String(next++);
}

function missingSequence(producerId: string): never {
  throw new Error(
    `expected a sequence in each message of producer ${producerId}, which may outlive this process`,
  );
}

function missing(topic: string): never {
  throw new Error(`the database stored a message to ${topic} and told no offset of it`);
}
