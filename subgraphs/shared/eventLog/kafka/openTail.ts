/** Every record from a place on, for one reader alone: a group of its own that commits nothing. Behind `subscribe`. */
import type { Kafka } from "kafkajs";
import type { PartitionOffsets, SubscribeOptions, Subscription } from "../eventLog.ts";
import { nextOffset, partitionName } from "../partitionName.ts";
import { openMember } from "./openMember.ts";

type TailOptions = {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly listed: readonly { readonly topic: string; readonly partitions: readonly PartitionOffsets[] }[];
  readonly options: SubscribeOptions;
};

export async function openTail({ kafka, groupId, listed, options }: TailOptions): Promise<Subscription> {
  const { topics, from, onRecords, onRetry } = options;
  const places = new Map(
    listed.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, low, high }) => [
        partitionName({ topic, partition }),
        from === "earliest" ? low : high,
      ]),
    ),
  );
  if (typeof from !== "string") for (const place of from) places.set(partitionName(place), place.offset);

  const member = await openMember({
    kafka,
    groupId,
    topics,
    // Where retention has deleted the place.
    from: "earliest",
    sessionTimeoutMs: 10_000,
    commits: false,
    eachBatch: async ({ records }) => {
      await onRecords(records);
      const last = records.at(-1);
      if (last !== undefined) places.set(partitionName(last), nextOffset(last.offset));
    },
    placeOf: (partition) => places.get(partitionName(partition)),
    onRetry,
  });
  return { close: member.stop };
}
