/** Which fields of the text in the editor an explanation is about: by place, the response names that lead to a field. */
import { type FieldNode, type FragmentDefinitionNode, Kind, parse, type SelectionSetNode } from "graphql";
import type { Explanation, FieldAccess, TypeAccess } from "./explanation.ts";

/** One field of the text. Lines and columns count from 1. */
export type Mark = {
  readonly place: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  /** What is decided there: the field's own coordinate, its parent type and the type that it returns. */
  readonly fields: readonly FieldAccess[];
  /** Guarded types whose rows it selects. */
  readonly types: readonly TypeAccess[];
};

/** In the order of the text; fields about which nothing is decided have none. Throws for a text that is no document. */
export function toMarks(
  text: string,
  { fields, types }: Pick<Explanation, "fields" | "types">,
): readonly Mark[] {
  const document = parse(text);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const part of document.definitions)
    if (part.kind === Kind.FRAGMENT_DEFINITION) fragments.set(part.name.value, part);
  const fieldsAt = byPlace(fields);
  const typesAt = byPlace(types);
  const marks = new Map<FieldNode, Mark>();

  function visit(
    { selections }: SelectionSetNode,
    path: readonly string[],
    within: ReadonlySet<string>,
  ): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) visitField(selection, path, within);
      else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet, path, within);
      else {
        const { value } = selection.name;
        const fragment = fragments.get(value);
        if (fragment && !within.has(value)) visit(fragment.selectionSet, path, new Set([...within, value]));
      }
    }
  }

  function visitField(field: FieldNode, parent: readonly string[], within: ReadonlySet<string>): void {
    const path = [...parent, (field.alias ?? field.name).value];
    const place = path.join(".");
    const [here, rows] = [fieldsAt.get(place) ?? [], typesAt.get(place) ?? []];
    const at = (field.alias ?? field).loc?.startToken;
    // A fragment's field stands in several places of an answer; what is said of the first is shown.
    if (at && here.length + rows.length > 0 && !marks.has(field)) {
      const length = (field.name.loc?.end ?? at.end) - at.start;
      marks.set(field, {
        place,
        line: at.line,
        column: at.column,
        endColumn: at.column + length,
        fields: here,
        types: rows,
      });
    }
    if (field.selectionSet) visit(field.selectionSet, path, within);
  }

  for (const part of document.definitions)
    if (part.kind === Kind.OPERATION_DEFINITION) visit(part.selectionSet, [], new Set());
  return [...marks.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Elements of lists have no name in a text. */
function byPlace<Access extends { readonly places: readonly string[] }>(
  accesses: readonly Access[],
): ReadonlyMap<string, readonly Access[]> {
  const found = new Map<string, readonly Access[]>();
  for (const access of accesses)
    for (const place of new Set(access.places.map(withoutElements)))
      found.set(place, [...(found.get(place) ?? []), access]);
  return found;
}

function withoutElements(place: string): string {
  return place
    .split(".")
    .filter((name) => name !== "@")
    .join(".");
}
