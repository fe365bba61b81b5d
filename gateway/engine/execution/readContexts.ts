/** What a fetch's variables of @fromContext are for one of its objects: values that stand in the data above it. */
import type { ContextInput, FetchNode, PathSegment } from "../planning/queryPlan.ts";
import { ABSENT, isObject, readKey } from "./data.ts";
import type { FailedField } from "./failedFields.ts";
import type { Ancestor, Target } from "./findTargets.ts";
import { toRenamed } from "./toRenamed.ts";
import type { TypeConditions } from "./typeConditions.ts";

export type ReadContexts = {
  /** A variable that no type of the data fits is left out: then the field has its argument's default. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly failed: readonly FailedField[];
};

export function readContexts(node: FetchNode, target: Target, types: TypeConditions): ReadContexts {
  const values: Record<string, unknown> = {};
  const failed: FailedField[] = [];
  for (const input of node.contexts ?? []) {
    if (Object.hasOwn(values, input.variable)) continue;
    const value = follow(findAncestor(target, input), input.path, types);
    if (value === NOT_MEANT) continue;
    const cause = findError(value);
    values[input.variable] = cause || value === ABSENT ? null : value;
    if (!cause) continue;
    for (const keys of input.usedAt)
      failed.push({ keys: keys.map((key) => String(toRenamed(node, key))), cause });
  }
  return { values, failed };
}

/** The types on the way are not those of the data. */
const NOT_MEANT = Symbol("not meant");

function findAncestor({ object, above }: Target, { levels }: ContextInput): unknown {
  let found: Ancestor | undefined = { object, above };
  for (let level = 0; level < levels; level += 1) found = found?.above;
  return found?.object;
}

function follow(value: unknown, path: readonly PathSegment[], types: TypeConditions): unknown {
  const [segment, ...rest] = path;
  if (value === undefined) return NOT_MEANT;
  if (!segment || value === null || value === ABSENT || value instanceof Error) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => follow(item, path, types));
    return items.includes(NOT_MEANT) ? NOT_MEANT : items;
  }
  if (!isObject(value)) return NOT_MEANT;
  switch (segment.kind) {
    case "field":
      return follow(readKey(value, segment.key), rest, types);
    case "items":
      return follow(value, rest, types);
    case "type":
      return segment.names.some((name) => types.fits(value, name)) ? follow(value, rest, types) : NOT_MEANT;
  }
}

function findError(value: unknown): Error | undefined {
  if (Array.isArray(value)) return value.map(findError).find((found) => found !== undefined);
  return value instanceof Error ? value : undefined;
}
