/** The guarded objects in the data of an answer, wherever they are, each with the attributes that were fetched for it. */
import type { ObjectRequest } from "../../../policies/runtime/decideObjects.ts";
import { hiddenPrefix } from "../hiddenNames.ts";
import { typeKey } from "./addHiddenFields.ts";
import type { GuardedObject, GuardedObjects } from "./guardedObjects.ts";

export type Fields = Readonly<Record<string, unknown>>;

export type LoadedObject = { readonly object: Fields; readonly request: ObjectRequest };

export function collectObjects(data: unknown, guarded: GuardedObjects): readonly LoadedObject[] {
  const found: LoadedObject[] = [];
  const pending: unknown[] = [data];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...value);
    else if (isFields(value)) {
      const type = value[typeKey];
      const object = typeof type === "string" ? guarded.get(type) : undefined;
      if (object) found.push({ object: value, request: toRequest(String(type), object, value) });
      for (const key of Object.keys(value)) {
        const inner = value[key];
        // Attributes are the gateway's own reading; nobody else sees them.
        if (typeof inner === "object" && inner !== null && !key.startsWith(hiddenPrefix)) pending.push(inner);
      }
    }
  }
  return found;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An attribute that did not come is null: what a rule makes of that is for the rule to say. */
function toRequest(type: string, { paths }: GuardedObject, object: Fields): ObjectRequest {
  const attributes: Record<string, unknown> = {};
  for (const [name, path] of paths) {
    let value: unknown = object;
    for (const key of path) value = isFields(value) ? value[key] : undefined;
    attributes[name] = value ?? null;
  }
  return { type, attributes };
}
