/** How far storing is behind, by partition. */
import type { EventLog } from "../../shared/eventLog/eventLog.ts";
import { ingestTopics } from "./ingestTopics.ts";
import { ingestGroup } from "./storeSignals.ts";

export type IngestLag = {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
};

export async function listLag(eventLog: EventLog): Promise<IngestLag[]> {
  const topics = ingestTopics.map(async (topic) =>
    (await eventLog.listLag(ingestGroup, topic)).map(({ partition, lag }) => ({
      topic,
      partition,
      records: Number(lag),
    })),
  );
  return (await Promise.all(topics)).flat();
}
