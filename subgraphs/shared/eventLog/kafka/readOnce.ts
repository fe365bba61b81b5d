/** A single look at one partition. kafkajs fetches only as a member of a group, so it is one for as long as it takes. */
import type { Kafka } from "kafkajs";
import type { LogRecord, ReadRequest } from "../eventLog.ts";
import { EventLogError } from "../eventLogError.ts";
import { openMember } from "./openMember.ts";

type Options = {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly request: ReadRequest;
  /** Where the partition ended when it was asked. */
  readonly end: string;
};

const timeoutMs = 20_000;

export async function readOnce({ kafka, groupId, request, end }: Options): Promise<readonly LogRecord[]> {
  const { topic, partition, offset, recordsMax } = request;
  const found: LogRecord[] = [];
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const member = await openMember({
    kafka,
    groupId,
    topics: [topic],
    from: "earliest",
    sessionTimeoutMs: 10_000,
    commits: false,
    eachBatch: async (batch) => {
      if (batch.partition !== partition) return;
      found.push(...batch.records);
      const last = found.at(-1);
      if (found.length >= recordsMax || (last && BigInt(last.offset) + 1n >= BigInt(end))) finish();
    },
    placeOf: (one) => (one.partition === partition ? offset : undefined),
  });
  const timer = setTimeout(finish, timeoutMs);
  await finished;
  clearTimeout(timer);
  await member.stop();
  if (found.length === 0) {
    throw new EventLogError(
      "UNAVAILABLE",
      `expected records of ${topic}/${partition} within ${timeoutMs} ms`,
    );
  }
  return found.filter((record) => BigInt(record.offset) < BigInt(end)).slice(0, recordsMax);
}
