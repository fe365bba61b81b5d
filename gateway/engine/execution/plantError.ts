import { ABSENT, type DataObject, isMissing, isObject } from "./data.ts";

/** Puts an error where each of these keys has no value yet. */
export function plantError(object: DataObject, keys: readonly string[], error: Error): void {
  for (const key of keys) if (isMissing(object[key]) && !(object[key] instanceof Error)) object[key] = error;
}

/** Says of each of these keys that was not heard of yet that there is nothing to hear. */
export function plantAbsence(object: DataObject, keys: readonly string[]): void {
  for (const key of keys) object[key] ??= ABSENT;
}

/** Follows a path from an object to the first null on it and puts the error there; answers false when all has a value. */
export function plantErrorAt(object: DataObject, path: readonly (string | number)[], error: Error): boolean {
  let place: unknown = object;
  for (const step of path) {
    if (typeof step === "number" ? !Array.isArray(place) || !Object.hasOwn(place, step) : !isObject(place))
      return false;
    // Checked above: a number meets an array that has the index, a string meets an object.
    const container = place as Record<string | number, unknown>;
    const value = container[step];
    if (isMissing(value)) {
      if (!(value instanceof Error)) container[step] = error;
      return true;
    }
    place = value;
  }
  return false;
}
