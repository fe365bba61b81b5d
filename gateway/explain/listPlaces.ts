/** Where the fields of a document stand in its answer: response names, `@` for every element of a list. */
import { type FieldNode, Kind, type SelectionSetNode } from "graphql";
import type { OperationAccess } from "../stages/authorization/analyseOperation.ts";
import { isIncluded, type Variables, withDefaults } from "../stages/authorization/isIncluded.ts";

/** Fragments that spread others twice reach exponentially many places; nobody reads more of them than this. */
const placesMax = 2_000;

/** In the order of the document, without what `@skip` and `@include` leave out. */
export function listPlaces(
  { operation, fragments, listDepths }: Pick<OperationAccess, "operation" | "fragments" | "listDepths">,
  variables: Variables,
): ReadonlyMap<FieldNode, readonly string[]> {
  const values = withDefaults(operation, variables);
  const places = new Map<FieldNode, string[]>();
  let found = 0;

  function visit({ selections }: SelectionSetNode, path: readonly string[]): void {
    for (const selection of selections) {
      if (found >= placesMax) return;
      if (!isIncluded(selection, values)) continue;
      if (selection.kind === Kind.FIELD) visitField(selection, path);
      else {
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (fragment) visit(fragment.selectionSet, path);
      }
    }
  }

  function visitField(field: FieldNode, parent: readonly string[]): void {
    const path = [...parent, (field.alias ?? field.name).value];
    const known = places.get(field) ?? [];
    places.set(field, known);
    known.push(path.join("."));
    found += 1;
    if (!field.selectionSet) return;
    const elements = new Array<string>(listDepths.get(field) ?? 0).fill("@");
    visit(field.selectionSet, [...path, ...elements]);
  }

  visit(operation.selectionSet, []);
  return places;
}
