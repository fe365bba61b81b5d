/**
 * A row filter as a Prisma `where`. Everything of it is inside one AND, so that it cannot be overwritten by, or overwrite,
 * what the query itself asks for.
 */
import { type FilterFields, getFilterField } from "./filterFields.ts";
import type { Comparison, Condition, Scalar } from "./parseCondition.ts";
import { findRowFilter, type Reader } from "./rowFilter.ts";

/** What every model's own `WhereInput` takes, as far as it is used here. */
export type Where = { readonly AND: WherePart[] };
type WherePart =
  | { readonly AND: WherePart[] }
  | { readonly OR: WherePart[] }
  | { readonly [property: string]: { readonly [operator: string]: Scalar | Scalar[] } };

export function toWhere(reader: Reader, type: string, fields: FilterFields): Where {
  const filter = findRowFilter(reader, type);
  if (filter.kind === "all") return { AND: [] };
  return { AND: [filter.kind === "none" ? nothing : printCondition(filter.condition, type, fields)] };
}

/** An empty OR is true of nothing (https://www.prisma.io/docs/orm/reference/prisma-client-reference#or). */
const nothing: WherePart = { OR: [] };

const operators: Readonly<Record<Comparison, string>> = {
  eq: "equals",
  lt: "lt",
  lte: "lte",
  gt: "gt",
  gte: "gte",
};

function printCondition(condition: Condition, type: string, fields: FilterFields): WherePart {
  if (condition.kind === "and" || condition.kind === "or") {
    const parts = condition.conditions.map((part) => printCondition(part, type, fields));
    return condition.kind === "and" ? { AND: parts } : { OR: parts };
  }
  const field = getFilterField(fields, condition.field, type);
  if (condition.kind === "in") {
    const values = condition.values.map(field.toStored).filter((value) => value !== undefined);
    return { [field.property]: { in: values } };
  }
  const value = field.toStored(condition.value);
  return value === undefined ? nothing : { [field.property]: { [operators[condition.kind]]: value } };
}
