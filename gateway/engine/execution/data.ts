/**
 * The merged data of one request: what subgraphs answered, put together. Every object in it was made here without a
 * prototype, so a key such as `__proto__` in a subgraph's answer or a client's alias is a key like any other. An Error
 * among the values stands for a null that the Error explains.
 */
export type DataObject = { [key: string]: unknown };

/** A null that needs no error: the entity that the field belongs to is not there. */
export const ABSENT: unique symbol = Symbol("absent");

/** Whether there is no value yet that anything could be lost of. */
export function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === ABSENT || value instanceof Error;
}

export function createData(): DataObject {
  return Object.create(null);
}

export function isObject(value: unknown): value is DataObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Error);
}

/** Undefined for what is absent or only inherited. */
export function readKey(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function copyData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyData);
  if (!isObject(value)) return value;
  const copy = createData();
  for (const key of Object.keys(value)) copy[key] = copyData(value[key]);
  return copy;
}
