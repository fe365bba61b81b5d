/** The guarded objects in the data of an answer with where they are, in the answer's order. */
import { hiddenPrefix } from "../stages/hiddenNames.ts";
import { typeKey } from "../stages/objects/addHiddenFields.ts";
import { type Fields, isFields } from "../stages/objects/collectObjects.ts";
import type { GuardedObjects } from "../stages/objects/guardedObjects.ts";

export type LocatedObject = { readonly path: string; readonly type: string; readonly object: Fields };

export function locateObjects(data: unknown, guarded: GuardedObjects): readonly LocatedObject[] {
  const found: LocatedObject[] = [];

  function visit(value: unknown, path: readonly (string | number)[]): void {
    if (Array.isArray(value)) {
      for (const [at, element] of value.entries()) visit(element, [...path, at]);
    } else if (isFields(value)) {
      const type = value[typeKey];
      if (typeof type === "string" && guarded.has(type))
        found.push({ path: path.join("."), type, object: value });
      // Attributes are the gateway's own reading.
      for (const [key, inner] of Object.entries(value))
        if (!key.startsWith(hiddenPrefix)) visit(inner, [...path, key]);
    }
  }

  visit(data, []);
  return found;
}
