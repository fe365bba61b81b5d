import { Kind, parse, type SelectionSetNode } from "graphql";

/** The keys below the root, or below `_entities` and its fragments. */
export function findDelivered(operation: string, isEntityFetch: boolean): string[] {
  const document = parse(operation, { noLocation: true });
  const fragments = new Map<string, SelectionSetNode>();
  const keys = new Set<string>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition.selectionSet);
  const collect = ({ selections }: SelectionSetNode, depth: number) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        if (depth === 0) keys.add((selection.alias ?? selection.name).value);
        else if (selection.selectionSet) collect(selection.selectionSet, depth - 1);
      } else {
        const set =
          selection.kind === Kind.INLINE_FRAGMENT
            ? selection.selectionSet
            : fragments.get(selection.name.value);
        if (set) collect(set, depth);
      }
    }
  };
  for (const definition of document.definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION)
      collect(definition.selectionSet, isEntityFetch ? 1 : 0);
  return [...keys];
}
