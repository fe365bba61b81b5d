/** The tables that imports write, and the statement that each is written with. */
import type { Importer } from "../jobs/importers/importer.ts";

/** `head`, a JSON array of rows, `tail`: one statement, which answers the keys of the rows that it wrote. */
export type Table = {
  readonly statements: Readonly<Record<Importer["dated"], { head: string; tail: string }>>;
};

type TableDefinition = {
  readonly name: string;
  /** Columns with their types, by the names that rows use. */
  readonly columns: Readonly<Record<string, string>>;
  readonly key: readonly string[];
  /** Says how the row came here, and not what it is: kept from the first insert. */
  readonly provenance?: readonly string[];
};

function defineTable(definition: TableDefinition): Table {
  return {
    statements: {
      record: composeUpsert(definition, "record"),
      file: composeUpsert(definition, "file"),
    },
  };
}

function composeUpsert({ name, columns, key, provenance = [] }: TableDefinition, dated: Importer["dated"]) {
  const names = Object.keys(columns);
  const kept = new Set([...key, ...provenance]);
  const replaced = names.filter((column) => !kept.has(column));
  const content = replaced.filter((column) => column !== "updatedAt");
  const list = (prefix: string, of: readonly string[]): string =>
    of.map((column) => prefix + toSnake(column)).join(", ");
  const isNewer = "EXCLUDED.updated_at > stored.updated_at";
  const differs = `(${list("stored.", content)}) IS DISTINCT FROM (${list("EXCLUDED.", content)})`;
  const conditions = [
    ...(names.includes("updatedAt") ? [isNewer] : []),
    ...(dated === "file" || !names.includes("updatedAt") ? [differs] : []),
  ];
  const signature = names.map((column) => `"${column}" ${columns[column]}`).join(", ");
  return {
    head: `
      INSERT INTO intelligence.${name} AS stored (${list("", names)})
      SELECT ${names.map((column) => `given."${column}"`).join(", ")} FROM json_to_recordset(`,
    // In order of the key, so that two imports at a time wait for each other instead of dying in each other's arms.
    tail: `::json) AS given(${signature})
      ORDER BY ${key.map((column) => `given."${column}"`).join(", ")}
      ON CONFLICT (${list("", key)}) DO UPDATE SET ${replaced.map((column) => `${toSnake(column)} = EXCLUDED.${toSnake(column)}`).join(", ")}
      WHERE ${conditions.join(" AND ")}${name === "signal" ? locatesLater : ""}
      RETURNING concat_ws('|', ${list("stored.", key)}) AS key`,
  };
}

/** A signal that follows another one may be imported before it; the same record, read again, then brings the country. */
const locatesLater =
  " OR (EXCLUDED.updated_at = stored.updated_at AND stored.country_code IS NULL AND EXCLUDED.country_code IS NOT NULL)";

const publicColumns = {
  id: "uuid",
  tenant: "text",
  sourceCode: "text",
  sourceId: "text",
  updatedAt: "timestamptz",
};

export const tables = {
  signal: defineTable({
    name: "signal",
    key: ["id"],
    provenance: ["ingestRegionCode"],
    columns: {
      ...publicColumns,
      residency: "text",
      marking: "text",
      domain: "text",
      kind: "text",
      title: "text",
      summary: "text",
      severity: "float8",
      confidence: "float8",
      url: "text",
      countryCode: "text",
      latitude: "float8",
      longitude: "float8",
      observedAt: "timestamptz",
      ingestRegionCode: "text",
      attributes: "jsonb",
    },
  }),
  entity: defineTable({
    name: "entity",
    key: ["id"],
    columns: {
      ...publicColumns,
      residency: "text",
      kind: "text",
      name: "text",
      aliases: "text[]",
      description: "text",
      countryCode: "text",
      latitude: "float8",
      longitude: "float8",
      attributes: "jsonb",
    },
  }),
  relation: defineTable({
    name: "entity_relation",
    key: ["id"],
    columns: {
      ...publicColumns,
      kind: "text",
      fromEntityId: "uuid",
      toEntityId: "uuid",
      description: "text",
    },
  }),
  stixObject: defineTable({
    name: "stix_object",
    key: ["id"],
    columns: {
      id: "uuid",
      sourceCode: "text",
      sourceId: "text",
      type: "text",
      name: "text",
      body: "jsonb",
      updatedAt: "timestamptz",
    },
  }),
  indicator: defineTable({
    name: "indicator",
    key: ["code"],
    columns: { code: "text", name: "text", unit: "text", sourceCode: "text", countryCode: "text" },
  }),
  observation: defineTable({
    name: "observation",
    key: ["indicatorCode", "period"],
    columns: { indicatorCode: "text", period: "date", value: "float8", updatedAt: "timestamptz" },
  }),
} as const;

function toSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
