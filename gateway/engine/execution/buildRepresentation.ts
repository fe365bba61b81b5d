import type { RequiredSelection } from "../planning/queryPlan.ts";
import { createData, type DataObject, isObject, readKey } from "./data.ts";
import type { TypeConditions } from "./typeConditions.ts";

/**
 * What a subgraph needs to know of an entity to add its part. `missing`: this object is not meant, or what identifies
 * it never arrived. `failed`: a needed field is null because of this error, so anything computed from it would be wrong.
 */
export type Representation =
  | { readonly kind: "complete"; readonly value: DataObject }
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly error: Error };

export function buildRepresentation(
  entity: DataObject,
  requires: readonly RequiredSelection[],
  types: TypeConditions,
): Representation {
  const value = select(entity, requires, types);
  if (value instanceof Error) return { kind: "failed", error: value };
  return value && typeof value.__typename === "string" ? { kind: "complete", value } : { kind: "missing" };
}

/** Undefined when a field never arrived. */
function select(
  source: DataObject,
  selections: readonly RequiredSelection[],
  types: TypeConditions,
): DataObject | Error | undefined {
  const result = createData();
  for (const selection of selections) {
    if (selection.kind === "type") {
      if (!types.fits(source, selection.name)) continue;
      const part = select(source, selection.selections, types);
      if (!isObject(part)) return part;
      combine(result, part);
    } else {
      const value = selectValue(readKey(source, selection.key), selection.selections, types);
      if (value instanceof Error) return value;
      if (value !== undefined) combine(result, { [selection.key]: value });
      else if (!selection.optional) return undefined;
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
  if (value === undefined || value === null || value instanceof Error) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => selectValue(item, selections, types));
    return items.find((item) => item instanceof Error) ?? (items.includes(undefined) ? undefined : items);
  }
  if (!selections) return value;
  return isObject(value) ? select(value, selections, types) : undefined;
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
