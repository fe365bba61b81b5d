/**
 * From the topics to the table: batches of several partitions are upserted in one transaction and committed after it. A
 * database that is away is waited for; a record that cannot be stored is found by halving, and parked with the reason, so
 * that what follows it in its partition is stored.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Batch, Consumer, EventLog, LogRecord, Message } from "../../shared/eventLog/eventLog.ts";
import { type IngestDb, isDataFault, type Tally, type Upserted } from "../db/ingest.ts";
import { count } from "./acceptSignals.ts";
import { groupWrites } from "./groupWrites.ts";
import { type IngestSignal, parseIngestSignal } from "./ingestSignal.ts";
import { createIngestTopics, ingestTopics, parkingTopicOf } from "./ingestTopics.ts";
import type { RefusalReason } from "./refusal.ts";

export type StoreOptions = {
  readonly eventLog: EventLog;
  readonly db: Pick<IngestDb, "upsert" | "tally">;
  readonly log: Logger;
  /** Told of each batch that is stored, with the times that its signals took from acceptance, in seconds. */
  readonly onStored?: (seconds: readonly number[]) => void;
};

export const ingestGroup = "intelligence-ingest";

/** For faults that are neither the database's absence nor a value of a record: tried again before anything is parked. */
const attemptsMax = 4;

/** Those of all partitions that have records: two transactions at once would wait for each other's counts. */
const partitionsAtOnce = 40;

/** Large enough to be cheap for each row, small enough that it takes no second. */
const batchSignalsMax = 2_000;

export async function startStoring(options: StoreOptions): Promise<Consumer> {
  const { eventLog, log } = options;
  await createIngestTopics(eventLog);
  const producer = eventLog.createProducer();
  const write = groupWrites<readonly Part[]>({
    write: (batches) => store(batches.flat()),
    sizeOf: (batch) => batch.length,
    sizeMax: batchSignalsMax,
  });
  return eventLog.consume({
    groupId: ingestGroup,
    topics: ingestTopics,
    from: "earliest",
    eachBatch: storeBatch,
    partitionsAtOnce,
    onRetry: (error) => log.warn({ err: error }, "signals could not be stored and will be tried again"),
  });

  async function storeBatch({ records }: Batch): Promise<void> {
    const read = records.map((record) => ({ record, signal: parseIngestSignal(record.value) }));
    for (const { record, signal } of read) {
      if (signal === null) await park(record, "MALFORMED", "expected a signal of this version", null);
    }
    const known = read.flatMap(({ record, signal }) => (signal === null ? [] : [{ record, signal }]));
    if (known.length > 0) await write(known);
  }

  async function store(parts: readonly Part[]): Promise<void> {
    const { newest, repeated } = keepNewest(parts);
    try {
      const upserted = await withAttempts(() =>
        options.db.upsert(
          newest.map(({ signal }) => signal),
          toTallies(newest, repeated),
        ),
      );
      await parkMoved(newest, upserted);
      const now = Date.now();
      options.onStored?.(parts.map(({ signal }) => (now - signal.acceptedAt.getTime()) / 1_000));
    } catch (error) {
      if (!isDataFault(error)) throw error;
      const [only] = parts;
      if (parts.length === 1 && only !== undefined) {
        const said = error instanceof Error ? error.message : String(error);
        return park(only.record, "DATABASE_REFUSED", `the database refused a value: ${said}`, only.signal);
      }
      const middle = Math.ceil(parts.length / 2);
      await store(parts.slice(0, middle));
      await store(parts.slice(middle));
    }
  }

  /** A row stays where its first record said; moving it would break its id and, it may be, the law. */
  async function parkMoved(parts: readonly Part[], upserted: readonly Upserted[]): Promise<void> {
    const moved = new Set(
      upserted.flatMap(({ id, outcome }) => (outcome === "residency-changed" ? [id] : [])),
    );
    for (const { record, signal } of parts.filter(({ signal: { id } }) => moved.has(id))) {
      const message = `expected the residency that ${signal.sourceId} has; got ${signal.residency}`;
      await park(record, "RESIDENCY_CHANGED", message, signal);
    }
  }

  /** Counted after it is parked: a repetition counts once more and loses nothing. */
  async function park(
    { topic, key, value, partition, offset }: LogRecord,
    reason: RefusalReason,
    message: string,
    signal: IngestSignal | null,
  ): Promise<void> {
    const headers = { reason, message: message.slice(0, 1_000), from: `${topic}/${partition}/${offset}` };
    const parked: Message = { key, value, headers };
    await producer.send(parkingTopicOf(topic), [parked]);
    log.warn({ reason, from: headers.from }, "record was parked");
    const tenant = signal?.tenant ?? "public";
    const sourceCode = signal?.sourceCode ?? "";
    await options.db.tally([{ tenant, sourceCode, outcome: "parked", reason, count: 1 }]);
  }
}

type Part = { readonly record: LogRecord; readonly signal: IngestSignal };

/** One statement cannot write a row twice: of a signal's records the newest is kept, and of equals the first. */
function keepNewest(parts: readonly Part[]): {
  readonly newest: readonly Part[];
  readonly repeated: readonly IngestSignal[];
} {
  const newest = new Map<string, Part>();
  const repeated: IngestSignal[] = [];
  for (const part of parts) {
    const other = newest.get(part.signal.id);
    if (other === undefined || part.signal.updatedAt > other.signal.updatedAt) {
      newest.set(part.signal.id, part);
      if (other !== undefined) repeated.push(other.signal);
    } else repeated.push(part.signal);
  }
  return { newest: [...newest.values()], repeated };
}

/** Of those that another record of the same batch has overtaken. */
function toTallies(parts: readonly Part[], repeated: readonly IngestSignal[]): readonly Tally[] {
  const kept = new Map(parts.map(({ signal }) => [signal.id, signal.updatedAt]));
  const tallies = new Map<string, Tally>();
  for (const { id, tenant, sourceCode, updatedAt } of repeated) {
    const isOlder = updatedAt < (kept.get(id) ?? updatedAt);
    count(tallies, { tenant, sourceCode, outcome: isOlder ? "outdated" : "duplicate", reason: "" });
  }
  return [...tallies.values()];
}

async function withAttempts<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (isDataFault(error) || attempt >= attemptsMax) throw error;
      await sleep(50 * 2 ** attempt * (0.5 + Math.random() / 2));
    }
  }
}
