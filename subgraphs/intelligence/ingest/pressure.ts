/**
 * Back-pressure: says no before memory or the disk fills. Bytes of requests under way are counted as they come. How many
 * rows wait in the outbox is looked up once a second, and between two looks what is accepted is added: a second of flood
 * is refused too, and at worst too soon. The outbox grows only when relay or log are away or too slow.
 */
import type { IngestDb } from "../db/ingest.ts";

export type Pressure = {
  /** Seconds after which to try again; null when there is room. */
  readonly refuseSeconds: () => number | null;
  readonly addBytes: (bytes: number) => void;
  readonly removeBytes: (bytes: number) => void;
  readonly addRows: (rows: number) => void;
  readonly bytes: () => number;
  readonly outboxRows: () => number;
  readonly stop: () => void;
};

export type PressureOptions = {
  readonly db: Pick<IngestDb, "countOutbox">;
  readonly bytesMax: number;
  readonly outboxRowsMax: number;
  /** Default a second. */
  readonly checkMs?: number;
};

/** A relay that was away moves about this many a second. */
const relayRowsPerSecond = 5_000;

export function createPressure({ db, bytesMax, outboxRowsMax, checkMs = 1_000 }: PressureOptions): Pressure {
  let bytes = 0;
  let rows = 0;
  const timer = setInterval(() => {
    db.countOutbox(outboxRowsMax * 2).then(
      (count) => {
        rows = count;
      },
      // Whoever sends now finds the database away by himself.
      () => undefined,
    );
  }, checkMs).unref();
  return {
    refuseSeconds: () => {
      if (rows >= outboxRowsMax) return Math.ceil(1 + (rows - outboxRowsMax) / relayRowsPerSecond);
      return bytes >= bytesMax ? 1 : null;
    },
    addBytes: (count) => {
      bytes += count;
    },
    removeBytes: (count) => {
      bytes -= count;
    },
    addRows: (count) => {
      rows += count;
    },
    bytes: () => bytes,
    outboxRows: () => rows,
    stop: () => clearInterval(timer),
  };
}
