/** The topics of signals: one for each residency, so that records stay where their rows may be stored. */
import type { EventLog } from "../shared/eventLog/eventLog.ts";
import { residencies } from "../shared/ids.ts";

/** Named as the trigger of prisma/migrations/0007_event_log.sql names them. */
export const signalTopics: readonly string[] = residencies.map((residency) => `signals.${residency}.v1`);

/** More than there will be consumers in a group; adding partitions later would move keys. */
const numPartitions = 8;

/** A week: time to mend a consumer, and more than any client replays. */
const retentionMs = 7 * 24 * 60 * 60_000;

export async function createSignalTopics(eventLog: EventLog): Promise<void> {
  for (const topic of signalTopics) await eventLog.createTopic(topic, { numPartitions, retentionMs });
}
