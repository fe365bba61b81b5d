/**
 * Gathers parsed records, writes them a batch at a time, and knows which of them changed anything. A record counts as
 * written when one of its rows is new or changed, and as unchanged otherwise.
 */
import { type ImportQueries, RowsRefused } from "../../../db/imports.ts";
import type { Importer, ParsedRecord, Rows } from "../importer.ts";
import type { Tally } from "./tally.ts";

export type Found = { readonly position: number; readonly location: string; readonly value: unknown };

export type Writer = {
  readonly add: (found: Found, parsed: ParsedRecord) => Promise<void>;
  readonly quarantine: (found: Found, reason: string) => Promise<void>;
  /** Writes what is left. */
  readonly flush: () => Promise<void>;
};

type Entry = { readonly found: Found; readonly parsed: ParsedRecord };
type Fault = { readonly found: Found; readonly reason: string };

export const batchRecordsMax = 1_000;

export function createWriter(
  db: ImportQueries,
  run: { readonly id: string; readonly importer: Importer; readonly regionCode: string },
  tally: Tally,
): Writer {
  let entries: Entry[] = [];
  let faults: Fault[] = [];

  return { add, quarantine, flush };

  async function add(found: Found, parsed: ParsedRecord): Promise<void> {
    entries.push({ found, parsed });
    if (entries.length >= batchRecordsMax) await flush();
  }

  async function quarantine(found: Found, reason: string): Promise<void> {
    faults.push({ found, reason });
    tally.countQuarantined(found.location, reason);
    if (faults.length >= batchRecordsMax) await flush();
  }

  async function flush(): Promise<void> {
    const batch = entries;
    entries = [];
    if (batch.length > 0) await write(batch);
    const refused = faults;
    faults = [];
    if (refused.length > 0) await db.insertQuarantined(refused.map(toQuarantined));
  }

  /** A batch that the database refuses is halved until the record is found whose value it was. */
  async function write(batch: readonly Entry[]): Promise<void> {
    const { rows, keysOf } = mergeRows(batch.map(({ parsed }) => parsed));
    try {
      const written = await db.writeRows(rows, { dated: run.importer.dated, regionCode: run.regionCode });
      batch.forEach(({ parsed }, index) => {
        tally.countStored(parsed, keysOf[index]?.some((key) => written.has(key)) ?? false);
      });
    } catch (error) {
      if (!(error instanceof RowsRefused)) throw error;
      const [first] = batch;
      if (batch.length === 1 && first !== undefined) {
        await quarantine(first.found, `the database refused a value: ${error.message}`);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await write(batch.slice(0, middle));
      await write(batch.slice(middle));
    }
  }

  function toQuarantined({ found: { position, location, value }, reason }: Fault) {
    const record = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    return {
      importRunId: run.id,
      sourceCode: run.importer.source.code,
      position,
      location,
      reason: toStorable(reason),
      record: toStorable(record.slice(0, recordLengthMax)),
    };
  }
}

/** A text column of PostgreSQL holds every character but this one. */
function toStorable(text: string): string {
  return text.replaceAll("\0", "\\u0000");
}

/** Enough to recognise the record; the file has the rest. */
const recordLengthMax = 2_000;

/** The rows of all records by table, each key once, and for each record the keys of the rows that it gave. */
function mergeRows(records: readonly ParsedRecord[]): { rows: Rows; keysOf: string[][] } {
  const keysOf: string[][] = records.map(() => []);

  function merge<Row extends object>(
    rowsOf: (record: ParsedRecord) => readonly Row[],
    keyOf: (row: Row) => string,
  ): Row[] {
    const kept = new Map<string, { readonly row: Row; readonly owner: number }>();
    records.forEach((record, owner) => {
      for (const row of rowsOf(record)) {
        const key = keyOf(row);
        const other = kept.get(key)?.row;
        // Of two in one batch the newer is kept and of equals the first, as the database does across batches.
        if (other === undefined || dateOf(row) > dateOf(other)) kept.set(key, { row, owner });
      }
    });
    for (const [key, { owner }] of kept) keysOf[owner]?.push(key);
    return [...kept.values()].map(({ row }) => row);
  }

  const byId = ({ id }: { readonly id: string }): string => id;
  const rows: Rows = {
    entities: merge(({ entities = [] }) => entities, byId),
    signals: merge(({ signals = [] }) => signals, byId),
    relations: merge(({ relations = [] }) => relations, byId),
    stixObjects: merge(({ stixObjects = [] }) => stixObjects, byId),
    indicators: merge(
      ({ indicators = [] }) => indicators,
      ({ code }) => code,
    ),
    observations: merge(
      ({ observations = [] }) => observations,
      ({ indicatorCode, period }) => `${indicatorCode}|${period}`,
    ),
  };
  return { rows, keysOf };
}

function dateOf(row: object): number {
  return "updatedAt" in row && row.updatedAt instanceof Date ? row.updatedAt.getTime() : 0;
}
