/** What the cluster is asked about topics and groups. */
import type { Admin } from "kafkajs";
import type { PartitionLag, PartitionOffsets, TopicOptions } from "../eventLog.ts";
import { EventLogError } from "../eventLogError.ts";
import { messageBytesMax } from "../placeMessages.ts";

/** Every record on three brokers, and acknowledged only when two have it: one may die and nothing acknowledged is lost. */
const replicasWanted = 3;
const inSyncMin = 2;

/** A batch is larger than the messages in it by headers and lengths. */
const batchOverheadBytes = 64 * 1024;

export async function createTopic(
  admin: Admin,
  topic: string,
  { numPartitions, retentionMs }: TopicOptions,
): Promise<void> {
  const { brokers } = await admin.describeCluster();
  const isReplicated = brokers.length >= replicasWanted;
  // Answers false when it is there already.
  await admin.createTopics({
    topics: [
      {
        topic,
        numPartitions,
        replicationFactor: isReplicated ? replicasWanted : 1,
        configEntries: [
          { name: "min.insync.replicas", value: String(isReplicated ? inSyncMin : 1) },
          { name: "retention.ms", value: String(retentionMs ?? -1) },
          { name: "max.message.bytes", value: String(messageBytesMax + batchOverheadBytes) },
        ],
      },
    ],
    timeout: 10_000,
  });
}

export async function listOffsets(admin: Admin, topic: string): Promise<readonly PartitionOffsets[]> {
  await assertTopic(admin, topic);
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets
    .map(({ partition, low, high }) => ({ partition, low, high }))
    .sort((one, other) => one.partition - other.partition);
}

export async function listLag(
  admin: Admin,
  groupId: string,
  topic: string,
): Promise<readonly PartitionLag[]> {
  const places = await listOffsets(admin, topic);
  const groups = await admin.fetchOffsets({ groupId, topics: [topic] });
  const committed = new Map(
    groups.flatMap(({ partitions }) => partitions.map(({ partition, offset }) => [partition, offset])),
  );
  return places.map(({ partition, low, high }) => {
    const place = committed.get(partition);
    // Below zero: never committed, or set to the earliest or latest.
    const isPlace = place !== undefined && BigInt(place) >= 0n;
    const from = isPlace && BigInt(place) > BigInt(low) ? place : low;
    return { partition, committed: isPlace ? place : null, lag: String(BigInt(high) - BigInt(from)) };
  });
}

/** kafkajs would retry an unknown topic for as long as an outage. */
export async function assertTopic(admin: Admin, topic: string): Promise<void> {
  if ((await admin.listTopics()).includes(topic)) return;
  throw new EventLogError("UNKNOWN_TOPIC_OR_PARTITION", `expected a topic that was created; got ${topic}`);
}
