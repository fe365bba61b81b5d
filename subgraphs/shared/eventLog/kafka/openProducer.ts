/**
 * Sends to Kafka: idempotent, acknowledged by all replicas in sync.
 *
 * kafkajs numbers messages when it sends them and takes the numbers back when a request fails. Whatever is sent between
 * that and the retry takes the same numbers, and the broker drops it as a repetition; and a retry whose partition has
 * moved to a broker that answered for others is never sent, but reported as sent. So here a request holds messages of
 * one partition, and a partition has one request at a time.
 */
import type { Kafka, Message as KafkaMessage, Producer as KafkaProducer } from "kafkajs";
import type { Message, RecordMetadata } from "../eventLog.ts";
import { EventLogError } from "../eventLogError.ts";
import { partitionName } from "../partitionName.ts";
import { assertMessages, type PlacedMessage, placeMessages } from "../placeMessages.ts";
import { retryOutage } from "../retryOutage.ts";
import { kafkaRetry } from "./openCluster.ts";
import { producerHeader, sequenceHeader } from "./repetitions.ts";
import { isKafkaOutage, toEventLogError } from "./toEventLogError.ts";

export type OpenProducer = {
  readonly send: (topic: string, messages: readonly Message[]) => Promise<readonly RecordMetadata[]>;
  readonly close: () => Promise<void>;
};

/** A request to one partition, at most: well below what a topic accepts as one batch. */
const requestBytesMax = 512 * 1024;

type Options = {
  readonly kafka: Kafka;
  readonly producerId: string | undefined;
  readonly countPartitions: (topic: string) => Promise<number>;
  /** Aborted when the log closes. */
  readonly signal: AbortSignal;
};

export function openProducer({ kafka, producerId, countPartitions, signal }: Options): OpenProducer {
  let connected: Promise<KafkaProducer> | undefined;
  /** The last request of each partition. */
  const queues = new Map<string, Promise<unknown>>();
  let turn = 0;

  return {
    send: async (topic, messages) => {
      assertMessages(topic, producerId, messages);
      const placed = placeMessages(messages, await countPartitions(topic), turn);
      turn += messages.length;
      const offsets: string[] = [];
      await Promise.all(
        groupByPartition(placed).map(({ partition, indexes }) =>
          queue(partitionName({ topic, partition }), async () => {
            for (const chunk of cut(placed, indexes)) {
              const first = await append(
                topic,
                partition,
                chunk.map((index) => toKafka(placed[index])),
              );
              for (const [at, index] of chunk.entries()) offsets[index] = String(first + BigInt(at));
            }
          }),
        ),
      );
      return placed.map(({ partition }, index) => ({ partition, offset: offsets[index] ?? missing(topic) }));
    },
    close: async () => {
      const producer = await connected?.catch(() => undefined);
      await producer?.disconnect();
    },
  };

  /** Rejects as `work` does, and lets the next begin in any case. */
  function queue(name: string, work: () => Promise<void>): Promise<void> {
    const before = queues.get(name) ?? Promise.resolve();
    const done = before.then(work);
    queues.set(
      name,
      done.catch(() => undefined),
    );
    return done;
  }

  /** Answers the offset of the first. */
  async function append(topic: string, partition: number, messages: KafkaMessage[]): Promise<bigint> {
    connected ??= retryOutage(() => connect(kafka), { isOutage: isKafkaOutage, signal });
    const using = connected;
    const request = {
      topic,
      acks: -1,
      messages: messages.map((message) => ({ ...message, partition })),
    };
    try {
      return await retryOutage(
        async () => {
          const producer = await using;
          // Connects again where kafkajs gave a connection up, and keeps the producer's number: a request that arrived
          // before is known by it.
          await producer.connect();
          const [answer] = await producer.send(request);
          return BigInt(answer?.baseOffset ?? missing(topic));
        },
        { isOutage: isKafkaOutage, signal },
      );
    } catch (error) {
      // Its numbering may be out of step with the broker's: the next request begins with a new one.
      if (connected === using) connected = undefined;
      void using.then((producer) => producer.disconnect()).catch(() => undefined);
      throw toEventLogError(error);
    }
  }

  function toKafka(message: PlacedMessage | undefined): KafkaMessage {
    if (message === undefined) throw new Error("a message was cut that was never placed");
    const { key, value, headers, sequence } = message;
    const named =
      producerId === undefined || sequence === undefined
        ? {}
        : { [producerHeader]: producerId, [sequenceHeader]: sequence };
    return { key, value, headers: { ...headers, ...named } };
  }
}

async function connect(kafka: Kafka): Promise<KafkaProducer> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    // Chosen before, by the rule that both adapters share.
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
    retry: kafkaRetry,
  });
  await producer.connect();
  return producer;
}

function groupByPartition(
  placed: readonly PlacedMessage[],
): readonly { readonly partition: number; readonly indexes: readonly number[] }[] {
  const groups = new Map<number, number[]>();
  for (const [index, { partition }] of placed.entries()) {
    const group = groups.get(partition);
    if (group) group.push(index);
    else groups.set(partition, [index]);
  }
  return [...groups].map(([partition, indexes]) => ({ partition, indexes }));
}

/** In pieces that fit into a request each; a message that alone is larger goes alone. */
function cut(placed: readonly PlacedMessage[], indexes: readonly number[]): readonly (readonly number[])[] {
  const chunks: number[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const index of indexes) {
    const size = (placed[index]?.key?.length ?? 0) + (placed[index]?.value?.length ?? 0) + 200;
    if (bytes + size > requestBytesMax) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)?.push(index);
    bytes += size;
  }
  return chunks;
}

function missing(topic: string): never {
  throw new EventLogError("UNAVAILABLE", `Kafka took a message to ${topic} and told no offset of it`);
}
