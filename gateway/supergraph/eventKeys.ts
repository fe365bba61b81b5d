/**
 * By which fields an event's objects could be completed from other subgraphs. A caller to whom such a field is denied still
 * gets events from a source that has the key, so that a grant can be followed with the next event, without a new source.
 */
import { isObjectType, type ObjectType } from "@apollo/federation-internals";
import type { ParsedSupergraph } from "./parseSupergraph.ts";

/** By name of the subscription's field, then by coordinate of the field that another subgraph has: names of key fields. */
export type EventKeys = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** Keys of plain fields only. Where a key is not the one that the planner takes, a grant waits for a new source, as any may. */
export function readEventKeys({ parsed }: Pick<ParsedSupergraph, "parsed">): EventKeys {
  const subscription = parsed.schema.schemaDefinition.rootType("subscription");
  if (!subscription) return new Map();
  const objects = parsed.schema.types().filter(isObjectType);
  const byOwner = new Map<unknown, ReadonlyMap<string, readonly string[]>>();
  return new Map(
    subscription.fields().flatMap((field) => {
      const [owner] = ownersOf(subscription, field.name);
      if (owner === undefined) return [];
      const keys = byOwner.get(owner) ?? new Map(objects.flatMap((type) => readKeys(type, owner)));
      byOwner.set(owner, keys);
      return [[field.name, keys] as const];
    }),
  );
}

/** Of the fields of a type that `owner` does not have. */
function readKeys(type: ObjectType, owner: unknown): readonly (readonly [string, readonly string[]])[] {
  const own = keysOf(type, owner);
  if (own.length === 0) return [];
  return type.fields().flatMap((field): readonly (readonly [string, readonly string[]])[] => {
    const owners = ownersOf(type, field.name);
    if (owners.includes(owner)) return [];
    const key = own.find((each) => owners.some((other) => keysOf(type, other).includes(each)));
    return key === undefined ? [] : [[field.coordinate, key.split(" ")]];
  });
}

function keysOf(type: ObjectType, subgraph: unknown): readonly string[] {
  return type.appliedDirectivesOf("join__type").flatMap((join) => {
    const { graph, key } = join.arguments();
    return graph === subgraph && typeof key === "string" && /^\w+( \w+)*$/.test(key) ? [key] : [];
  });
}

function ownersOf(type: ObjectType, field: string): readonly unknown[] {
  const joins = type.field(field)?.appliedDirectivesOf("join__field") ?? [];
  // A field without a word of its own is in all subgraphs that have the type.
  const told = joins.length > 0 ? joins : type.appliedDirectivesOf("join__type");
  return told.flatMap((join) => {
    const { graph, external } = join.arguments();
    return graph === undefined || external === true ? [] : [graph];
  });
}
