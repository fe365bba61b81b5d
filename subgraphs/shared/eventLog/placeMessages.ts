/** What both adapters do with messages before they are sent: refuse those that no log takes, and choose partitions. */
import type { Message } from "./eventLog.ts";
import { EventLogError } from "./eventLogError.ts";
import { partitionOf } from "./partitionOf.ts";

export type PlacedMessage = {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: the producer has no name, and only its own retries are recognised. */
  readonly sequence: string | undefined;
};

/** Messages without a key take partitions in turn, beginning with `turn`. */
export function placeMessages(
  messages: readonly Message[],
  numPartitions: number,
  turn: number,
): readonly PlacedMessage[] {
  return messages.map(({ key, value, headers = {}, sequence }, index) => ({
    partition: key === null ? (turn + index) % numPartitions : partitionOf(Buffer.from(key), numPartitions),
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers,
    sequence,
  }));
}

/** Kafka's default of `max.message.bytes` is about this. */
export const messageBytesMax = 1024 * 1024;

export function assertMessages(
  topic: string,
  producerId: string | undefined,
  messages: readonly Message[],
): void {
  for (const { key, value, sequence } of messages) {
    const bytes =
      (key === null ? 0 : Buffer.byteLength(key)) + (value === null ? 0 : Buffer.byteLength(value));
    if (bytes > messageBytesMax) {
      throw new EventLogError(
        "MESSAGE_TOO_LARGE",
        `expected at most ${messageBytesMax} bytes in a message to ${topic}; got ${bytes}`,
      );
    }
    if (producerId !== undefined && sequence === undefined) {
      throw new Error(
        `expected a sequence in each message of producer ${producerId}, which may outlive this process`,
      );
    }
  }
}

export function assertTopicName(topic: string): void {
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(topic)) return;
  throw new EventLogError(
    "INVALID_TOPIC_EXCEPTION",
    `expected 1 to 249 letters, digits, dots, hyphens or underscores; got ${JSON.stringify(topic.slice(0, 80))}`,
  );
}
