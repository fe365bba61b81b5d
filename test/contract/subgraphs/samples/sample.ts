/** What the shared suite knows of one subgraph: connected rows, and where they show in the graph. */
import type { SubgraphName } from "../../../../infra/local/subgraphNames.ts";
import { naturalId, toGlobalId } from "../../../../subgraphs/shared/ids.ts";
import type { TestDatabase } from "../../../support/startDatabase.ts";

export type Row = Readonly<Record<string, unknown>>;

export type Sample = {
  readonly subgraph: SubgraphName;
  /** One row at least for every table, distinct for each `n`, connected among themselves. */
  readonly rows: (n: number, tenant: string) => readonly (readonly [table: string, row: Row])[];
  readonly entities: readonly EntityCase[];
  readonly lists: readonly ListCase[];
  /** A field whose argument `first` has bounds. */
  readonly bounded: string;
};

/**
 * Whose the rows are. Types of another subgraph have none here: any well-formed key is answered with what this
 * subgraph adds.
 */
export type Belongs = "to a tenant" | "to everybody" | "to another subgraph";

export type EntityCase = {
  readonly type: string;
  readonly belongs: Belongs;
  /** The nth by each of its keys. */
  readonly keys: readonly ((n: number) => Row)[];
  /** What the gateway sends beside the key, for fields with `@requires`. */
  readonly required?: Row;
  /** Every relation that it has. */
  readonly select: string;
};

export type ListCase = {
  /** A field of Query that takes `first`. */
  readonly field: string;
  readonly belongs: Exclude<Belongs, "to another subgraph">;
  readonly select: string;
};

export function uuidOf(table: string, n: number): string {
  return naturalId("test", table, String(n));
}

/** Representations by global id of the rows that `rows` makes for a table. */
export function byId(residency: string, type: string, table: string): (n: number) => Row {
  return (n) => ({ id: toGlobalId(residency, type, uuidOf(table, n)) });
}

export function byCode(codeOf: (n: number) => string): (n: number) => Row {
  return (n) => ({ code: codeOf(n) });
}

/** Inserts the rows of every `n`, as the superuser. */
export async function insertRows(
  database: TestDatabase,
  { subgraph, rows }: Sample,
  ns: readonly number[],
  tenant: string,
): Promise<void> {
  for (const [table, row] of ns.flatMap((n) => rows(n, tenant))) {
    const columns = Object.keys(row);
    await database.query(
      `INSERT INTO ${subgraph}.${table} (${columns.join(", ")})
       VALUES (${columns.map((_column, index) => `$${index + 1}`).join(", ")})`,
      Object.values(row),
    );
  }
}

/** UUIDs of the rows that belong to the tenant, none of which may show to another. */
export function ownedUuids({ rows }: Sample, ns: readonly number[]): string[] {
  return ns
    .flatMap((n) => rows(n, "acme"))
    .flatMap(([_table, row]) => ("tenant" in row && typeof row.id === "string" ? [row.id] : []));
}
