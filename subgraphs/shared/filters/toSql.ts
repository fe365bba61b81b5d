/** A row filter as part of a raw statement. Values are parameters; names come from the list's own fields. */
import { Prisma } from "../../../prisma/generated/client.ts";
import { type FilterFields, getFilterField } from "./filterFields.ts";
import type { Comparison, Condition } from "./parseCondition.ts";
import { findRowFilter, type Reader } from "./rowFilter.ts";

export type FilteredTable = {
  /** Of the graph. */
  readonly type: string;
  /** Alias of the table in the statement. */
  readonly alias: string;
  readonly fields: FilterFields;
  /** Attributes that take more than a column, as `true` of a row. */
  readonly predicates?: Readonly<Record<string, Prisma.Sql>>;
};

export function toSql(reader: Reader, table: FilteredTable): Prisma.Sql {
  const filter = findRowFilter(reader, table.type);
  if (filter.kind === "all") return Prisma.sql`true`;
  return filter.kind === "none" ? Prisma.sql`false` : printCondition(filter.condition, table);
}

const operators: Readonly<Record<Comparison, string>> = { eq: "=", lt: "<", lte: "<=", gt: ">", gte: ">=" };

function printCondition(condition: Condition, table: FilteredTable): Prisma.Sql {
  const { type, alias, fields, predicates = {} } = table;
  if (condition.kind === "and" || condition.kind === "or") {
    const parts = condition.conditions.map((part) => printCondition(part, table));
    return Prisma.sql`(${Prisma.join(parts, condition.kind === "and" ? " AND " : " OR ")})`;
  }
  if (Object.hasOwn(predicates, condition.field) && condition.kind === "eq") {
    const predicate = predicates[condition.field];
    if (predicate && typeof condition.value === "boolean")
      return condition.value ? predicate : Prisma.sql`NOT ${predicate}`;
  }
  const field = getFilterField(fields, condition.field, type);
  const column = Prisma.raw(`${alias}.${field.column}`);
  const cast = Prisma.raw(field.type);
  if (condition.kind === "in") {
    const values = condition.values.map(field.toStored).filter((value) => value !== undefined);
    return Prisma.sql`${column} = ANY (${values}::${cast}[])`;
  }
  const value = field.toStored(condition.value);
  if (value === undefined) return Prisma.sql`false`;
  return Prisma.sql`${column} ${Prisma.raw(operators[condition.kind])} ${value}::${cast}`;
}
