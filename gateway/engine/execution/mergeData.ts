import { ABSENT, type DataObject, isMissing, isObject } from "./data.ts";

/**
 * Adds what arrived to what is there. Both are ours alone (`copyData`), so parts may be adopted. What is known is not
 * lost: neither a null nor an error replaces a value, and the name of an object type stays when an interface object
 * only knows the interface.
 */
export function mergeData(
  target: DataObject,
  source: DataObject,
  isObjectType: (name: unknown) => boolean,
): void {
  for (const key of Object.keys(source)) {
    const known = target[key];
    if (key === "__typename" && isObjectType(known)) continue;
    target[key] = mergeValue(known, source[key], isObjectType);
  }
}

function mergeValue(known: unknown, arrived: unknown, isObjectType: (name: unknown) => boolean): unknown {
  if (known === undefined || known === ABSENT) return arrived;
  if (isMissing(arrived)) return known === null && arrived instanceof Error ? arrived : known;
  if (isObject(known) && isObject(arrived)) {
    mergeData(known, arrived, isObjectType);
    return known;
  }
  if (Array.isArray(known) && Array.isArray(arrived) && known.length === arrived.length)
    return known.map((item, at) => mergeValue(item, arrived[at], isObjectType));
  return arrived;
}
