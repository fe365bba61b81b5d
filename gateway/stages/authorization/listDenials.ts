/** The places of an answer that stay null because of a decision, and the errors that say so in Apollo Router's form. */
import { type FieldNode, GraphQLError, Kind, type SelectionSetNode } from "graphql";
import type { OperationAccess } from "./analyseOperation.ts";
import { isIncluded, type Variables, withDefaults } from "./isIncluded.ts";

export type Denial = {
  /** Response names; `@` stands for every element of a list. */
  readonly path: readonly string[];
  readonly coordinate: string;
  readonly reason: string;
};

/** What was denied, by index of the request. */
export type DeniedRequests = ReadonlyMap<number, { readonly coordinate: string; readonly reason: string }>;

/**
 * Fragments that spread others twice reach exponentially many places. All of them are masked; no client needs to read
 * more of them than this.
 */
const visitsMax = 1_000;

/** Each denied place once, in the order of the document, without what `@skip` and `@include` leave out. */
export function listDenials(
  { operation, fragments, guards, listDepths }: OperationAccess,
  denied: DeniedRequests,
  variables: Variables,
): readonly Denial[] {
  const values = withDefaults(operation, variables);
  const denials = new Map<string, Denial>();
  const leading = new Map<SelectionSetNode, boolean>();
  let visits = 0;

  function visitSelections(set: SelectionSetNode, path: readonly string[], visited: Set<string>): void {
    for (const selection of set.selections) {
      if (!isIncluded(selection, values)) continue;
      if (selection.kind === Kind.FIELD) visitField(selection, path);
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        visitSelections(selection.selectionSet, path, visited);
      else {
        const fragment = fragments.get(selection.name.value);
        if (!fragment || visited.has(selection.name.value)) continue;
        visited.add(selection.name.value);
        visitSelections(fragment.selectionSet, path, visited);
      }
    }
  }

  function visitField(field: FieldNode, parentPath: readonly string[]): void {
    if (!isLeading(field) || visits >= visitsMax) return;
    visits += 1;
    const path = [...parentPath, (field.alias ?? field.name).value];
    const found = findDenied(field);
    if (found) {
      const key = path.join("\n");
      if (!denials.has(key)) denials.set(key, { path, coordinate: found.coordinate, reason: found.reason });
    } else if (field.selectionSet) {
      const elements = new Array<string>(listDepths.get(field) ?? 0).fill("@");
      visitSelections(field.selectionSet, [...path, ...elements], new Set());
    }
  }

  /** Whether the field is denied or one below it: only then it is worth a visit. */
  function isLeading(field: FieldNode): boolean {
    if (findDenied(field)) return true;
    return field.selectionSet !== undefined && isLeadingSet(field.selectionSet);
  }

  function isLeadingSet(set: SelectionSetNode): boolean {
    const known = leading.get(set);
    if (known !== undefined) return known;
    const found = set.selections.some((selection) => {
      if (!isIncluded(selection, values)) return false;
      if (selection.kind === Kind.FIELD) return isLeading(selection);
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      return fragment !== undefined && isLeadingSet(fragment.selectionSet);
    });
    leading.set(set, found);
    return found;
  }

  function findDenied(field: FieldNode) {
    const request = guards.get(field)?.find((guard) => denied.has(guard));
    return request === undefined ? undefined : denied.get(request);
  }

  visitSelections(operation.selectionSet, [], new Set());
  return [...denials.values()];
}

export function toDenialError(
  { coordinate, reason }: Pick<Denial, "coordinate" | "reason">,
  path: readonly (string | number)[],
  decisionId: string,
): GraphQLError {
  return new GraphQLError("Unauthorized field or type", {
    path,
    extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE", coordinate, reason, decisionId },
  });
}
