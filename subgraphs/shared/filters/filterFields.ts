/** Which attributes of a type a condition may name, and what they are in the database. */
import { isResidencyName, toResidency } from "../ids.ts";
import { refuseFilter, type Scalar } from "./parseCondition.ts";

export type FilterField = {
  /** Of the table. */
  readonly column: string;
  /** Of Prisma's model. */
  readonly property: string;
  readonly type: "text" | "timestamptz" | "float8" | "boolean";
  /** The stored value; undefined when no row can have it. */
  readonly toStored: (value: Scalar) => Scalar | undefined;
};

export type FilterFields = Readonly<Record<string, FilterField>>;

export const residencyField: FilterField = {
  column: "residency",
  property: "residency",
  type: "text",
  toStored: (value) => (typeof value === "string" && isResidencyName(value) ? toResidency(value) : undefined),
};

/** Stored as the graph writes it. */
export const markingField: FilterField = {
  column: "marking",
  property: "marking",
  type: "text",
  toStored: (value) => (typeof value === "string" ? value : undefined),
};

/** Only what the list names itself: a name from outside never becomes part of a statement. */
export function getFilterField(fields: FilterFields, name: string, type: string): FilterField {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field)
    throw refuseFilter(
      type,
      `expected a field of ${Object.keys(fields).join(", ")}; got ${JSON.stringify(name.slice(0, 80))}`,
    );
  return field;
}
