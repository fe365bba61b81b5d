/**
 * A kafkajs consumer that never gives up: a batch that fails is read again after a pause while other partitions go on,
 * and a consumer that kafkajs declares dead is made anew. Behind `consume`, `subscribe` and `read`.
 */
import type { EachBatchPayload, Kafka, Consumer as KafkaConsumer, KafkaMessage } from "kafkajs";
import type { Batch, LogRecord, TopicPartitionOffset } from "../eventLog.ts";
import { nextOffset, partitionName } from "../partitionName.ts";
import { pause, pauseMsOf } from "../retryOutage.ts";
import { kafkaRetry } from "./openCluster.ts";
import { createRepetitions } from "./repetitions.ts";
import { toEventLogError } from "./toEventLogError.ts";

export type MemberOptions = {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly from: "earliest" | "latest";
  readonly sessionTimeoutMs: number;
  /** Whether the group keeps its places; without, each joining asks `placeOf`. */
  readonly commits: boolean;
  readonly eachBatch: (batch: Batch) => Promise<void>;
  readonly partitionsAtOnce?: number | undefined;
  /** Where to begin in a partition that was just given to this member. Undefined: where the group stopped. */
  readonly placeOf?: (partition: TopicPartition) => string | undefined;
  readonly onRetry?: ((error: unknown) => void) | undefined;
};

export type TopicPartition = { readonly topic: string; readonly partition: number };

export type Member = {
  readonly assignment: () => readonly TopicPartition[];
  readonly seek: (position: TopicPartitionOffset) => void;
  readonly stop: () => Promise<void>;
};

/** kafkajs's own default of five seconds holds up whoever joins, leaves or stops. */
const maxWaitTimeInMs = 100;

/** Resolves when the member has joined. */
export async function openMember(options: MemberOptions): Promise<Member> {
  const { kafka, groupId, topics, from, sessionTimeoutMs, partitionsAtOnce = 3, onRetry } = options;
  const stopping = new AbortController();
  const repetitions = createRepetitions();
  const failures = new Map<string, number>();
  let assigned: readonly TopicPartition[] = [];
  let consumer = await start();

  return {
    assignment: () => assigned,
    seek: (position) => consumer.seek(position),
    stop: async () => {
      stopping.abort();
      await consumer.disconnect();
      assigned = [];
    },
  };

  async function start(): Promise<KafkaConsumer> {
    const made = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.min(1_000, sessionTimeoutMs / 3),
      maxWaitTimeInMs,
      allowAutoTopicCreation: false,
      retry: kafkaRetry,
    });
    made.on(made.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      assigned = Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => ({ topic, partition })),
      );
      // Before the first fetch, since events are told at once.
      for (const partition of assigned) {
        const offset = options.placeOf?.(partition);
        if (offset !== undefined) made.seek({ ...partition, offset });
      }
    });
    made.on(made.events.CRASH, ({ payload: { error, restart } }) => {
      onRetry?.(toEventLogError(error));
      if (!restart) void restartLater();
    });
    const joined = new Promise<void>((resolve) => made.on(made.events.GROUP_JOIN, () => resolve()));
    try {
      await made.connect();
      await made.subscribe({ topics: [...topics], fromBeginning: from === "earliest" });
      await made.run({
        partitionsConsumedConcurrently: partitionsAtOnce,
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: work,
      });
    } catch (error) {
      await made.disconnect().catch(() => undefined);
      throw toEventLogError(error);
    }
    await joined;
    return made;
  }

  async function restartLater(): Promise<void> {
    for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
      await pause(attempt, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        consumer = await start();
        if (stopping.signal.aborted) await consumer.disconnect();
        return;
      } catch (error) {
        onRetry?.(error);
      }
    }
  }

  /** Never rejects for what the batch does: kafkajs would stop the other partitions too. */
  async function work(payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    if (!payload.isRunning() || payload.isStale() || messages.length === 0) return;
    const records = repetitions.drop(messages.map((message) => toRecord(topic, partition, message)));
    const name = partitionName({ topic, partition });
    const last = payload.batch.lastOffset();
    let resolved: string | undefined;
    const resolveOffset = (offset: string): void => {
      resolved = offset;
    };
    const heart = setInterval(
      () => void payload.heartbeat().catch(() => undefined),
      Math.min(1_000, sessionTimeoutMs / 3),
    );
    try {
      if (records.length > 0) await options.eachBatch({ topic, partition, records, resolveOffset });
      resolved = last;
      failures.delete(name);
    } catch (error) {
      onRetry?.(error);
      const attempt = failures.get(name) ?? 0;
      failures.set(name, attempt + 1);
      setTimeout(payload.pause(), pauseMsOf(attempt));
    } finally {
      clearInterval(heart);
    }
    if (resolved !== undefined) {
      payload.resolveOffset(resolved);
      if (options.commits) await commit(payload, { topic, partition, offset: nextOffset(resolved) });
    }
    // Tells at once when the group changes: on a busy topic kafkajs asks only between batches.
    await payload.heartbeat();
  }

  async function commit(
    payload: EachBatchPayload,
    { topic, partition, offset }: TopicPartitionOffset,
  ): Promise<void> {
    try {
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    } catch (error) {
      onRetry?.(toEventLogError(error));
      // The runner joins again, and reads on from what is committed.
      throw error;
    }
  }
}

function toRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [
    name,
    String(Array.isArray(value) ? value.at(-1) : (value ?? "")),
  ]);
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key,
    value: message.value,
    headers: Object.fromEntries(headers),
    timestamp: new Date(Number(message.timestamp)),
  };
}
