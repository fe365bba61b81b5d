/**
 * Sends parked records once more, after what kept them from being stored was mended. Each goes back to its topic; what
 * still cannot be stored is parked again. The group keeps its place, so a record is replayed once.
 */
import type { EventLog, LogRecord } from "../../shared/eventLog/eventLog.ts";
import type { IngestDb, Tally } from "../db/ingest.ts";
import { count } from "./acceptSignals.ts";
import { parseIngestSignal } from "./ingestSignal.ts";
import { createIngestTopics, parkingTopics } from "./ingestTopics.ts";

export type ReplayOptions = {
  readonly eventLog: EventLog;
  readonly db: Pick<IngestDb, "tally">;
  /** Only records that were parked for this; the others are passed over for good. Undefined: all. */
  readonly reason?: string | undefined;
};

export type ReplaySummary = { readonly replayed: number; readonly passedOver: number };

const replayGroup = "intelligence-parking-replay";

export async function replayParked({ eventLog, db, reason }: ReplayOptions): Promise<ReplaySummary> {
  await createIngestTopics(eventLog);
  const producer = eventLog.createProducer();
  let replayed = 0;
  let passedOver = 0;
  const consumer = await eventLog.consume({
    groupId: replayGroup,
    topics: parkingTopics,
    from: "earliest",
    eachBatch: async ({ topic, records }) => {
      const wanted = records.filter(({ headers }) => reason === undefined || headers.reason === reason);
      await producer.send(
        topic.replace(/\.parked$/, ".v1"),
        wanted.map(({ key, value }) => ({ key, value })),
      );
      await db.tally(toTallies(wanted));
      replayed += wanted.length;
      passedOver += records.length - wanted.length;
    },
  });
  const isBehind = async (): Promise<boolean> => {
    for (const topic of parkingTopics) {
      const lags = await eventLog.listLag(replayGroup, topic);
      if (lags.some(({ lag }) => lag !== "0")) return true;
    }
    return false;
  };
  while (await isBehind()) await new Promise((resolve) => setTimeout(resolve, 100));
  await consumer.stop();
  return { replayed, passedOver };
}

function toTallies(records: readonly LogRecord[]): readonly Tally[] {
  const tallies = new Map<string, Tally>();
  for (const { value, headers } of records) {
    const signal = parseIngestSignal(value);
    count(tallies, {
      tenant: signal?.tenant ?? "public",
      sourceCode: signal?.sourceCode ?? "",
      outcome: "replayed",
      reason: headers.reason ?? "",
    });
  }
  return [...tallies.values()];
}
