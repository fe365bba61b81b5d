/** The event log in Kafka, through kafkajs: production. What the broker cannot do itself is in kafka/. */
import { randomUUID } from "node:crypto";
import type { Admin } from "kafkajs";
import type { EventLog, LogRecord, ReadRequest, SubscribeOptions, Subscription } from "./eventLog.ts";
import { EventLogError } from "./eventLogError.ts";
import { openCluster } from "./kafka/openCluster.ts";
import { openMember } from "./kafka/openMember.ts";
import { type OpenProducer, openProducer } from "./kafka/openProducer.ts";
import { openTail } from "./kafka/openTail.ts";
import { readOnce } from "./kafka/readOnce.ts";
import { isKafkaOutage, toEventLogError } from "./kafka/toEventLogError.ts";
import { assertTopic, createTopic, listLag, listOffsets } from "./kafka/topics.ts";
import { assertTopicName } from "./placeMessages.ts";
import { retryOutage } from "./retryOutage.ts";

export type KafkaEventLogOptions = {
  /** `kafka://host:port,…` or `kafkas://user:password@host:port,…`: see kafka/openCluster.ts. */
  readonly url: string;
  readonly applicationName: string;
  /** Told of faults in the background that are retried. */
  readonly onFault?: (error: unknown) => void;
};

/** How long a member may be silent before its partitions are given to others. */
const sessionTimeoutMsDefault = 10_000;

export function openKafkaEventLog({ url, applicationName, onFault }: KafkaEventLogOptions): EventLog {
  const kafka = openCluster({ url, clientId: applicationName, onFault });
  const closing = new AbortController();
  const opened = new Set<() => Promise<void>>();
  let administrator: Promise<Admin> | undefined;
  const partitionCounts = new Map<string, number>();

  return {
    createTopic: async (topic, options) => {
      assertTopicName(topic);
      await ask((admin) => createTopic(admin, topic, options));
    },
    createProducer: ({ producerId } = {}) => {
      let producer: OpenProducer | undefined;
      return {
        send: async (topic, messages) => {
          assertOpen();
          if (producer === undefined) {
            producer = openProducer({ kafka, producerId, countPartitions, signal: closing.signal });
            keepOpen(producer.close);
          }
          return producer.send(topic, messages);
        },
      };
    },
    listOffsets: (topic) => ask((admin) => listOffsets(admin, topic)),
    read,
    subscribe,
    consume: async ({ groupId, topics, from, eachBatch, partitionsAtOnce, onRetry, ...options }) => {
      for (const topic of topics) await ask((admin) => assertTopic(admin, topic));
      const { sessionTimeoutMs = sessionTimeoutMsDefault } = options;
      const member = await openMember({
        kafka,
        groupId,
        topics,
        from,
        sessionTimeoutMs,
        commits: true,
        eachBatch,
        partitionsAtOnce,
        onRetry,
      });
      return { assignment: member.assignment, seek: member.seek, stop: keepOpen(member.stop) };
    },
    listLag: (groupId, topic) => ask((admin) => listLag(admin, groupId, topic)),
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort();
      await Promise.all([...opened].map((close) => close()));
      await (await administrator?.catch(() => undefined))?.disconnect();
    },
  };

  function assertOpen(): void {
    if (closing.signal.aborted) throw new EventLogError("CLOSED", "the event log was closed");
  }

  function ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    return retryOutage(
      async () => {
        administrator ??= connectAdmin();
        const asked = administrator;
        try {
          return await question(await asked);
        } catch (error) {
          const told = toEventLogError(error);
          // Its connections may lead to a broker that is gone; the next attempt finds another.
          if (told.code === "UNAVAILABLE" && administrator === asked) {
            administrator = undefined;
            void asked.then((admin) => admin.disconnect()).catch(() => undefined);
          }
          throw told;
        }
      },
      { isOutage: isKafkaOutage, signal: closing.signal },
    );
  }

  async function connectAdmin(): Promise<Admin> {
    // Retried by `ask`, which knows when the log closes.
    const admin = kafka.admin({ retry: { retries: 3 } });
    await admin.connect();
    return admin;
  }

  /** What `close` must close, unless it was closed before. */
  function keepOpen(close: () => Promise<void>): () => Promise<void> {
    const closeOnce = async (): Promise<void> => {
      if (opened.delete(closeOnce)) await close();
    };
    opened.add(closeOnce);
    return closeOnce;
  }

  async function countPartitions(topic: string): Promise<number> {
    const count = partitionCounts.get(topic) ?? (await ask((admin) => listOffsets(admin, topic))).length;
    partitionCounts.set(topic, count);
    return count;
  }

  async function subscribe(options: SubscribeOptions): Promise<Subscription> {
    const listed = await Promise.all(
      options.topics.map(async (topic) => ({
        topic,
        partitions: await ask((admin) => listOffsets(admin, topic)),
      })),
    );
    const tail = await openTail({ kafka, groupId: newGroup(), listed, options });
    return { close: keepOpen(tail.close) };
  }

  async function read(request: ReadRequest): Promise<readonly LogRecord[]> {
    const { topic, partition, offset } = request;
    const bounds = (await ask((admin) => listOffsets(admin, topic))).find(
      (one) => one.partition === partition,
    );
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
    return offset === bounds.high ? [] : readOnce({ kafka, groupId: newGroup(), request, end: bounds.high });
  }
}

/** A group that commits nothing, so that the broker forgets it when its one member leaves. */
function newGroup(): string {
  return `atlas-reader-${randomUUID()}`;
}
