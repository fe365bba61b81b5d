/** The topic by which decisions travel from gateways to their record: a batch of a chain is a record, keyed by chain. */
import type { EventLog } from "../shared/eventLog/eventLog.ts";

export const decisionTopic = "decisions.v1";

/** Order holds within a chain, and more chains than this share a partition. */
const numPartitions = 8;
/** A week: time to mend what stores them. */
const retentionMs = 7 * 24 * 60 * 60_000;

export function createDecisionTopic(eventLog: EventLog): Promise<void> {
  return eventLog.createTopic(decisionTopic, { numPartitions, retentionMs });
}
