/**
 * The topics of signals on their way in: one for each residency, so that no record leaves the jurisdiction where its row
 * will be, and beside each one where records are parked that cannot be stored.
 */
import type { EventLog } from "../../shared/eventLog/eventLog.ts";
import { type Residency, residencies } from "../../shared/ids.ts";

export const ingestTopics: readonly string[] = residencies.map(ingestTopicOf);
export const parkingTopics: readonly string[] = residencies.map((residency) => `ingest.${residency}.parked`);

export function ingestTopicOf(residency: Residency): string {
  return `ingest.${residency}.v1`;
}

export function parkingTopicOf(ingestTopic: string): string {
  return ingestTopic.replace(/\.v1$/, ".parked");
}

/** More than there will be consumers in the group; adding partitions later would move keys. */
const numPartitions = 8;
const dayMs = 24 * 60 * 60_000;

export async function createIngestTopics(eventLog: EventLog): Promise<void> {
  for (const topic of ingestTopics)
    await eventLog.createTopic(topic, { numPartitions, retentionMs: 3 * dayMs });
  // Long enough for somebody to find out why.
  for (const topic of parkingTopics)
    await eventLog.createTopic(topic, { numPartitions: 1, retentionMs: 30 * dayMs });
}
