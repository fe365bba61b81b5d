/** Counts what an import does, record by record, and which way each type of record went. */
import type { ParsedRecord, Rows } from "../importer.ts";

export type Tally = {
  /** Answers the position of the record in the file, from 1. */
  readonly countRead: () => number;
  readonly countStored: (record: ParsedRecord, written: boolean) => void;
  readonly countQuarantined: (location: string, reason: string) => void;
  readonly counts: () => Counts;
  readonly destinations: () => Destination[];
  /** The first ones, to be shown; the database has them all. */
  readonly places: () => readonly QuarantinedPlace[];
};

export type Counts = {
  readonly read: number;
  readonly written: number;
  readonly unchanged: number;
  readonly quarantined: number;
};

/** How many records of a type became rows of which tables. */
export type Destination = { readonly type: string; readonly tables: string; readonly count: number };

export type QuarantinedPlace = { readonly location: string; readonly reason: string };

const placesMax = 5;

export function createTally(): Tally {
  const counts = { read: 0, written: 0, unchanged: 0, quarantined: 0 };
  const destinations = new Map<string, { type: string; tables: string; count: number }>();
  const places: QuarantinedPlace[] = [];
  return {
    countRead: () => ++counts.read,
    countStored: (record, written) => {
      counts[written ? "written" : "unchanged"]++;
      const tables = listTables(record);
      const key = `${record.type}|${tables}`;
      const destination = destinations.get(key) ?? { type: record.type, tables, count: 0 };
      destinations.set(key, { ...destination, count: destination.count + 1 });
    },
    countQuarantined: (location, reason) => {
      counts.quarantined++;
      if (places.length < placesMax) places.push({ location, reason });
    },
    counts: () => ({ ...counts }),
    destinations: () =>
      [...destinations.values()].sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1)),
    places: () => places,
  };
}

const tableNames: Readonly<Record<keyof Rows, string>> = {
  entities: "entity",
  signals: "signal",
  relations: "entity_relation",
  stixObjects: "stix_object",
  indicators: "indicator",
  observations: "observation",
};

function listTables(record: ParsedRecord): string {
  return Object.entries(tableNames)
    .filter(([rows]) => (record[rows as keyof Rows]?.length ?? 0) > 0) // Object.entries forgets the keys' type.
    .map(([, table]) => table)
    .join(", ");
}
