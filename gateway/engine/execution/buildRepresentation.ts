import type { RequiredSelection } from "../planning/queryPlan.ts";
import { ABSENT, createData, type DataObject, isObject, readKey } from "./data.ts";
import type { TypeConditions } from "./typeConditions.ts";

/**
 * What a subgraph needs to know of an entity to add its part. Without one: `unmeant` when the fetch is not for this type
 * or its inputs were never asked for, `absent` when the entity was not found where its inputs are, `failed` when an
 * input is null because of an error, so that anything computed from it would be wrong.
 */
export type Representation =
  | { readonly kind: "complete"; readonly value: DataObject }
  | { readonly kind: "unmeant" }
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly error: Error };

/** Inputs under `forgiven` keys are sent as null when they have failed. */
export function buildRepresentation(
  entity: DataObject,
  requires: readonly RequiredSelection[],
  types: TypeConditions,
  forgiven: readonly string[] = [],
): Representation {
  const value = select(entity, requires, types, forgiven);
  if (value instanceof Error) return { kind: "failed", error: value };
  if (value === ABSENT) return { kind: "absent" };
  return typeof value?.__typename === "string" ? { kind: "complete", value } : { kind: "unmeant" };
}

/** Why there is no complete selection: an input that was never fetched, is of an absent entity, or failed. */
type Gap = undefined | typeof ABSENT | Error;

function select(
  source: DataObject,
  selections: readonly RequiredSelection[],
  types: TypeConditions,
  forgiven: readonly string[] = [],
): DataObject | Gap {
  const result = createData();
  for (const selection of selections) {
    if (selection.kind === "type") {
      if (!types.fits(source, selection.name)) continue;
      const part = select(source, selection.selections, types, forgiven);
      if (!isObject(part)) return part;
      combine(result, part);
    } else {
      const value = selectValue(readKey(source, selection.key), selection.selections, types);
      if (!isGap(value)) combine(result, { [selection.key]: value });
      else if (value instanceof Error && forgiven.includes(selection.key)) result[selection.key] = null;
      else if (!selection.optional) return value;
    }
  }
  return result;
}

/** A null in a list keeps its place: a field computed from the list must see it. */
function selectValue(
  value: unknown,
  selections: readonly RequiredSelection[] | undefined,
  types: TypeConditions,
): unknown {
  if (isGap(value) || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => selectValue(item, selections, types));
    const gap = items.findIndex(isGap);
    return gap === -1 ? items : items[gap];
  }
  if (!selections) return value;
  return isObject(value) ? select(value, selections, types) : undefined;
}

function isGap(value: unknown): value is Gap {
  return value === undefined || value === ABSENT || value instanceof Error;
}

/** Several fragments may each bring a part of the same nested object. */
function combine(target: DataObject, part: DataObject): void {
  for (const [key, value] of Object.entries(part)) {
    const known = target[key];
    if (isObject(known) && isObject(value)) combine(known, value);
    else if (Array.isArray(known) && Array.isArray(value))
      target[key] = value.map((item, at) => combineItem(known[at], item));
    else target[key] = value;
  }
}

function combineItem(known: unknown, item: unknown): unknown {
  if (!isObject(known) || !isObject(item)) return item;
  combine(known, item);
  return known;
}
