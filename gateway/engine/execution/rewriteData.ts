import type { PathSegment, Rewrite } from "../planning/queryPlan.ts";
import { type DataObject, isObject, readKey } from "./data.ts";
import type { TypeConditions } from "./typeConditions.ts";

/** Applies a plan's rewrites in their order, in place, to data that is ours alone. */
export function rewriteData(value: unknown, rewrites: readonly Rewrite[], types: TypeConditions): void {
  for (const rewrite of rewrites)
    visitObjects(value, rewrite.path, types, (object) => apply(object, rewrite));
}

function visitObjects(
  value: unknown,
  path: readonly PathSegment[],
  types: TypeConditions,
  visit: (object: DataObject) => void,
): void {
  if (Array.isArray(value)) {
    for (const item of value) visitObjects(item, path, types, visit);
    return;
  }
  if (!isObject(value)) return;
  const [segment, ...rest] = path;
  if (!segment) visit(value);
  else if (segment.kind === "field") visitObjects(readKey(value, segment.key), rest, types, visit);
  else if (segment.kind === "items") visitObjects(value, rest, types, visit);
  // An object that does not say its type was asked for by its fragment alone.
  else if (segment.names.some((name) => types.fits(value, name) ?? true))
    visitObjects(value, rest, types, visit);
}

function apply(object: DataObject, rewrite: Rewrite): void {
  if (rewrite.kind === "setValue") {
    object[rewrite.key] = rewrite.value;
  } else if (Object.hasOwn(object, rewrite.key)) {
    object[rewrite.newKey] = object[rewrite.key];
    delete object[rewrite.key];
  }
}
