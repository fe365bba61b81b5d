import { type DataObject, isObject } from "./data.ts";

/** Puts an error where each of these keys has no value yet. */
export function plantError(object: DataObject, keys: readonly string[], error: Error): void {
  for (const key of keys) object[key] ??= error;
}

/** Follows a path from an object to the first null on it and puts the error there; false when all has a value. */
export function plantErrorAt(object: DataObject, path: readonly (string | number)[], error: Error): boolean {
  let place: unknown = object;
  for (const step of path) {
    if (typeof step === "number" ? !Array.isArray(place) || step >= place.length : !isObject(place))
      return false;
    // Checked above: a number meets an array that has the index, a string meets an object.
    const container = place as Record<string | number, unknown>;
    if (container[step] instanceof Error) return false;
    if (container[step] === null || container[step] === undefined) {
      container[step] = error;
      return true;
    }
    place = container[step];
  }
  return false;
}
