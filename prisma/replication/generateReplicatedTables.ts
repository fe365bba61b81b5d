/** The SQL that follows from the list of replicated tables: a row and three triggers for each. */
import type { ReplicatedTable } from "./replicatedTables.ts";

/**
 * `tables` are those that a migration adds; positions count on from `after`. Triggers are made disabled: a region that
 * is alone pays nothing, and replication.join() enables them.
 */
export function generateReplicatedTables(tables: readonly ReplicatedTable[], after: number): string {
  const rows = tables.map((table, index) => `  ${toRow(table, after + index + 1)}`);
  return [
    "-- Generated from prisma/replication/replicatedTables.ts by `npm run generate:replication`; a test compares the two.",
    "INSERT INTO replication.relation (tbl, position, key, residency_of, parent, parent_key) VALUES",
    `${rows.join(",\n")};`,
    "",
    ...tables.map(toTriggers),
  ].join("\n");
}

function toRow({ table, key, residency }: ReplicatedTable, position: number): string {
  const [of, parent, by] =
    typeof residency === "string" ? [residency, null, null] : ["parent", residency.parent, residency.by];
  return `(${[quote(table), position, quote(`{${key.join(",")}}`), quote(of), quote(parent), quote(by)].join(", ")})`;
}

const events = [
  { event: "INSERT", transition: "NEW TABLE AS new_rows" },
  { event: "UPDATE", transition: "OLD TABLE AS old_rows NEW TABLE AS new_rows" },
  { event: "DELETE", transition: "OLD TABLE AS old_rows" },
] as const;

function toTriggers({ table }: ReplicatedTable): string {
  const made = events.map(
    ({ event, transition }) =>
      `CREATE TRIGGER capture_${event.toLowerCase()} AFTER ${event} ON ${table} REFERENCING ${transition}\n` +
      "  FOR EACH STATEMENT EXECUTE FUNCTION replication.capture();\n",
  );
  const off = events.map(({ event }) => `DISABLE TRIGGER capture_${event.toLowerCase()}`);
  return `${made.join("")}ALTER TABLE ${table} ${off.join(", ")};\n`;
}

function quote(text: string | null): string {
  return text === null ? "NULL" : `'${text.replaceAll("'", "''")}'`;
}
