/** What fields are computed from (@requires, @fromContext): the coordinates that are read for each, also those that these need in turn. */
import {
  baseType,
  type CompositeType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  type Schema,
} from "@apollo/federation-internals";
import { Kind, type SelectionSetNode } from "graphql";
import { readContextUses } from "./contextUses.ts";
import { readFieldSet } from "./readFieldSet.ts";

/** By coordinate of the field; `Type.field` of what is read and `Type` of what that returns. */
export function findRequiredCoordinates(schema: Schema): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map<string, Set<string>>();
  for (const type of schema.types()) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of type.fields())
      for (const join of field.appliedDirectivesOf("join__field")) {
        const { requires } = join.arguments();
        if (typeof requires !== "string") continue;
        const found = direct.get(field.coordinate) ?? new Set();
        direct.set(field.coordinate, found);
        collect(schema, type, readFieldSet(requires), found);
      }
  }
  for (const { coordinate, setters, selection } of readContextUses(schema)) {
    const found = direct.get(coordinate) ?? new Set();
    direct.set(coordinate, found);
    for (const type of setters) if (isCompositeType(type)) collect(schema, type, selection, found);
  }
  return new Map([...direct.keys()].map((coordinate) => [coordinate, follow(direct, coordinate)]));
}

function collect(
  schema: Schema,
  parent: CompositeType,
  { selections }: SelectionSetNode,
  found: Set<string>,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) continue; // A field set has none.
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition } = selection;
      const on = typeCondition ? schema.type(typeCondition.name.value) : parent;
      if (on && isCompositeType(on)) collect(schema, on, selection.selectionSet, found);
      continue;
    }
    const field = isUnionType(parent) ? undefined : parent.field(selection.name.value);
    if (!field?.type) continue; // __typename
    const returned = baseType(field.type);
    found.add(field.coordinate).add(returned.name);
    if (selection.selectionSet && isCompositeType(returned))
      collect(schema, returned, selection.selectionSet, found);
  }
}

function follow(direct: ReadonlyMap<string, ReadonlySet<string>>, coordinate: string): Set<string> {
  const reached = new Set<string>();
  // A set that grows while it is walked: each coordinate comes once.
  reached.add(coordinate);
  for (const next of reached) for (const other of direct.get(next) ?? []) reached.add(other);
  reached.delete(coordinate);
  return reached;
}
