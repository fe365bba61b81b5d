/**
 * The topics of signals, one of each for each residency, so that records stay where their rows may be stored. The
 * intelligence subgraph writes them (triggers of prisma/migrations/0007_event_log.sql and 0030_ml_examples_from_signals.sql
 * name them alike); whoever begins to read makes sure that they are there.
 */
import { residencies } from "../ids.ts";
import type { EventLog } from "./eventLog.ts";

/** Each signal as it was first stored. */
export const signalTopics: readonly string[] = residencies.map((residency) => `signals.${residency}.v1`);

/** What became of it later: corrected, or `gone`: taken back by its source, or deleted. */
export const signalChangeTopics: readonly string[] = residencies.map(
  (residency) => `signal-changes.${residency}.v1`,
);

/** More than there will be consumers in a group; adding partitions later would move keys. */
const numPartitions = 8;

/** A week: time to mend a consumer, and more than any client replays. */
const retentionMs = 7 * 24 * 60 * 60_000;

export async function createSignalTopics(eventLog: EventLog): Promise<void> {
  for (const topic of [...signalTopics, ...signalChangeTopics])
    await eventLog.createTopic(topic, { numPartitions, retentionMs });
}
