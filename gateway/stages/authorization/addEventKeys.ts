/**
 * What is left of a subscription, with the keys by which its denied fields would be fetched from other subgraphs: so the
 * source of its events stays the same when they are granted, and the next event has them. Keys are the gateway's own
 * reading, usable inside and never shown; a key that the client asks for and may not see is not added.
 */
import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode, visit } from "graphql";
import type { EventKeys } from "../../supergraph/eventKeys.ts";
import type { OperationAccess } from "./analyseOperation.ts";

/** What is to be selected beside what is left of a selection set that has lost these fields. */
export type AddToSelections = (
  lost: readonly FieldNode[],
  left: SelectionSetNode,
) => readonly SelectionNode[];

export function createAddEventKeys(
  access: OperationAccess,
  isDenied: (field: FieldNode) => boolean,
  eventKeys: EventKeys,
): AddToSelections {
  const { operation, fragments, guards, requests, kind } = access;
  const roots = kind === "subscription" ? [...findRoots(access)] : [];
  const [root] = roots;
  const keys = root === undefined || roots.length > 1 ? undefined : eventKeys.get(root);
  if (!keys) return () => [];
  /** Response names under which the client asks for something else, or for what it may not see. */
  const taken = new Set<string>();
  for (const part of [operation, ...fragments.values()])
    visit(part, {
      Field: (field) => {
        if (field.alias ? field.alias.value !== field.name.value : isDenied(field))
          taken.add((field.alias ?? field.name).value);
      },
    });

  return (lost, left) => {
    const names = new Set(lost.flatMap((field) => keyOf(field)));
    const there = new Set(
      left.selections.flatMap((selection) => (selection.kind === Kind.FIELD ? [selection.name.value] : [])),
    );
    return [...names].filter((name) => !there.has(name)).map(toField);
  };

  function keyOf(field: FieldNode): readonly string[] {
    const types = new Set(
      (guards.get(field) ?? []).flatMap((guard) => {
        const [type, name] = requests[guard]?.coordinate.split(".") ?? [];
        return type !== undefined && name === field.name.value ? [type] : [];
      }),
    );
    const [type] = types;
    // Through an interface or a union it is not known which key an object has.
    const found = types.size === 1 ? keys?.get(`${type}.${field.name.value}`) : undefined;
    return found?.every((name) => !taken.has(name)) ? ["__typename", ...found] : [];
  }
}

/** Names of the fields of the root, of which a valid subscription has one. */
function* findRoots({ operation, fragments }: OperationAccess): Generator<string> {
  const pending: SelectionSetNode[] = [operation.selectionSet];
  for (let set = pending.pop(); set; set = pending.pop())
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) yield selection.name.value;
      else if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(selection.selectionSet);
      else {
        const fragment = fragments.get(selection.name.value);
        if (fragment) pending.push(fragment.selectionSet);
      }
    }
}

function toField(name: string): FieldNode {
  return { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } };
}
