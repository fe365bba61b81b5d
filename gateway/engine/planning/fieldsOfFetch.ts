/** The fields that a fetch asks for, with the response keys that lead to each from the object that it is for. */
import { type FieldNode, Kind, parse, type SelectionSetNode } from "graphql";

export type FetchedField = { readonly field: FieldNode; readonly keys: readonly string[] };

/** Below the root, or below `_entities` and its fragments. */
export function fieldsOfFetch(operation: string, isEntityFetch: boolean): FetchedField[] {
  const { definitions } = parse(operation, { noLocation: true });
  const fragments = new Map(
    definitions.flatMap((part) =>
      part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part.selectionSet] as const] : [],
    ),
  );
  const depth = isEntityFetch ? 1 : 0;
  const found: FetchedField[] = [];
  const walk = (set: SelectionSetNode | undefined, path: readonly string[]): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) walk(fragments.get(selection.name.value), path);
      else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet, path);
      else {
        const keys = [...path, (selection.alias ?? selection.name).value];
        if (keys.length > depth) found.push({ field: selection, keys: keys.slice(depth) });
        walk(selection.selectionSet, keys);
      }
    }
  };
  for (const part of definitions) if (part.kind === Kind.OPERATION_DEFINITION) walk(part.selectionSet, []);
  return found;
}
