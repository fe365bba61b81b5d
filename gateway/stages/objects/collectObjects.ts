/** The guarded objects in the data of an answer, wherever they are, each with the attributes that were fetched for it. */
import type { ObjectRequest } from "../../../policies/runtime/decideObjects.ts";
import { toKey } from "../../../policies/runtime/toKey.ts";
import { hiddenPrefix } from "../hiddenNames.ts";
import { typeKey } from "./addHiddenFields.ts";
import type { GuardedObject, GuardedObjects } from "./guardedObjects.ts";

export type Fields = Readonly<Record<string, unknown>>;

export type LoadedObject = {
  readonly object: Fields;
  readonly request: ObjectRequest;
  /** Equal for objects of one type with equal attributes. */
  readonly kind: string;
};

/** `today` in days of UTC since 1970. */
export function collectObjects(
  data: unknown,
  guarded: GuardedObjects,
  today: number,
): readonly LoadedObject[] {
  const found: LoadedObject[] = [];
  const pending: unknown[] = [data];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...value);
    else if (isFields(value)) {
      const type = value[typeKey];
      const object = typeof type === "string" ? guarded.get(type) : undefined;
      if (object) found.push(toLoaded(String(type), object, value, today));
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
function toLoaded(type: string, { paths, ages }: GuardedObject, object: Fields, today: number): LoadedObject {
  const attributes: Record<string, unknown> = {};
  let kind = toKey(type);
  for (const [name, path] of paths) {
    let value: unknown = object;
    for (const key of path) value = isFields(value) ? value[key] : undefined;
    const attribute = ages.has(name) ? toAge(value, today) : (value ?? null);
    attributes[name] = attribute;
    kind += toKey(attribute);
  }
  return { object, request: { type, attributes }, kind };
}

/** In whole days; null of what is no moment. */
function toAge(value: unknown, today: number): number | null {
  const moment = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(moment) ? null : today - Math.floor(moment / dayMs);
}

const dayMs = 86_400_000;
