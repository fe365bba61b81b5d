/**
 * Kafka knows a producer again only while it lives. What a producer with a name of its own sends once more after a crash
 * is told by its headers here, where it is read, among the newest records of the partition.
 */
import type { LogRecord } from "../eventLog.ts";
import { partitionName } from "../partitionName.ts";

export const producerHeader = "atlas-producer";
export const sequenceHeader = "atlas-sequence";

/** More than a producer has under way when it dies. */
const rememberedMax = 20_000;

export type Repetitions = {
  /** The records that were not read before at a lower offset, without the headers that tell it. */
  readonly drop: (records: readonly LogRecord[]) => readonly LogRecord[];
};

export function createRepetitions(): Repetitions {
  const partitions = new Map<string, Map<string, bigint>>();
  return {
    drop: (records) =>
      records.flatMap((record) => {
        const { [producerHeader]: producer, [sequenceHeader]: sequence, ...headers } = record.headers;
        if (producer === undefined || sequence === undefined) return [record];
        const name = partitionName(record);
        const known = partitions.get(name) ?? new Map<string, bigint>();
        partitions.set(name, known);
        const message = `${producer}\0${sequence}`;
        const offset = BigInt(record.offset);
        const earlier = known.get(message);
        // The same record, read again after a failure, is no repetition.
        if (earlier !== undefined && earlier < offset) return [];
        known.set(message, offset);
        const [oldest] = known.size > rememberedMax ? known.keys() : [];
        if (oldest !== undefined) known.delete(oldest);
        return [{ ...record, headers }];
      }),
  };
}
