/** An operation without its deferred fragments, and each of them as a document of its own, with markers in their places. */
import {
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from "graphql";
import type { PreparedOperation } from "../planning/prepareOperation.ts";
import type { DeferredFetches, DeferredPlan } from "../planning/queryPlan.ts";
import { isDefer, readDefer } from "./deferDirective.ts";
import type { DeferredFragment } from "./expandDefers.ts";
import { createMarker } from "./marker.ts";

export type LateFragment = DeferredFragment & {
  /** As the plan has it. */
  readonly planLabel: string;
  readonly typeCondition: string | undefined;
  /** The fragment alone, on an operation of this kind, whose root type is the type of the object that it is for. */
  readonly documents: Readonly<Record<"query" | "subscription", DocumentNode>>;
};

export type SeparatedOperation = {
  readonly first: DocumentNode;
  /** By the key of their markers. */
  readonly late: ReadonlyMap<string, LateFragment>;
  /** Fields that objects with markers may stand below. */
  readonly leading: ReadonlySet<FieldNode>;
  readonly plannedKeys: PreparedOperation["plannedKeys"];
};

/** A fragment for which the plan has no fetches of its own is not late: it comes with what is around it. */
export function separateFragments(
  { document, definition, plannedKeys }: PreparedOperation,
  fragments: ReadonlyMap<string, DeferredFragment>,
  plan: DeferredPlan,
): SeparatedOperation {
  const late = new Map<string, LateFragment>();
  const leading = new Set<FieldNode>();
  const keys = new Map(plannedKeys);
  const prefix = findFreePrefix(document);
  // Callers of one fragment in two places are told the same of both.
  const withFetches = findWithFetches(plan.deferred);
  const lateDirectives = new Set(
    [...fragments].flatMap(([label, { directive }]) => (withFetches.has(label) ? [directive] : [])),
  );
  const others = document.definitions.filter((part) => part.kind === Kind.FRAGMENT_DEFINITION);

  function separate(set: SelectionSetNode): SelectionSetNode {
    return { ...set, selections: set.selections.map(separateSelection) };
  }

  function separateSelection(selection: SelectionNode): SelectionNode {
    if (selection.kind === Kind.INLINE_FRAGMENT) return separateFragment(selection);
    // Named fragments have nothing deferred in them (`expandDefers`).
    if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet || !isLeading(selection))
      return selection;
    const field = { ...selection, selectionSet: separate(selection.selectionSet) };
    leading.add(field);
    const key = plannedKeys.get(selection);
    if (key !== undefined) keys.set(field, key);
    return field;
  }

  function separateFragment(fragment: InlineFragmentNode): SelectionNode {
    const { directives = [], typeCondition } = fragment;
    const conditions = directives.filter((directive) => !isDefer(directive));
    const body = { ...fragment, directives: conditions, selectionSet: separate(fragment.selectionSet) };
    const found = findDeferred(fragment, fragments);
    if (!found || !lateDirectives.has(found.deferred.directive)) return body;
    const toDocument = (operation: OperationTypeNode): DocumentNode => ({
      kind: Kind.DOCUMENT,
      definitions: [
        { ...definition, operation, selectionSet: { kind: Kind.SELECTION_SET, selections: [body] } },
        ...others,
      ],
    });
    const key = prefix + found.planLabel;
    late.set(key, {
      ...found.deferred,
      planLabel: found.planLabel,
      typeCondition: typeCondition?.name.value,
      documents: {
        query: toDocument(OperationTypeNode.QUERY),
        subscription: toDocument(OperationTypeNode.SUBSCRIPTION),
      },
    });
    return createMarker(key, conditions);
  }

  const operation = { ...definition, selectionSet: separate(definition.selectionSet) };
  const first: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...others] };
  return { first, late, leading, plannedKeys: keys };
}

function findWithFetches(deferred: readonly DeferredFetches[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visitAll = (all: readonly DeferredFetches[]): void => {
    for (const { label, node, deferred: nested } of all) {
      if (node) found.add(label);
      visitAll(nested);
    }
  };
  visitAll(deferred);
  return found;
}

function findDeferred(
  { directives = [] }: InlineFragmentNode,
  fragments: ReadonlyMap<string, DeferredFragment>,
): { readonly planLabel: string; readonly deferred: DeferredFragment } | undefined {
  const directive = directives.find(isDefer);
  const planLabel = directive && readDefer(directive).label;
  const deferred = planLabel === undefined ? undefined : fragments.get(planLabel);
  return planLabel !== undefined && deferred ? { planLabel, deferred } : undefined;
}

function isLeading({ selectionSet }: FieldNode | InlineFragmentNode): boolean {
  return (selectionSet?.selections ?? []).some((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return false;
    return (
      (selection.kind === Kind.INLINE_FRAGMENT && selection.directives?.some(isDefer)) || isLeading(selection)
    );
  });
}

function findFreePrefix(document: DocumentNode): string {
  const keys: string[] = [];
  visit(document, { Field: ({ alias, name }) => void keys.push((alias ?? name).value) });
  let prefix = "atlas_late_";
  while (keys.some((key) => key.startsWith(prefix))) prefix += "_";
  return prefix;
}
