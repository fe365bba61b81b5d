/**
 * Writes an operation so that each deferred fragment stands once, in its place, under a label of its own: a named
 * fragment that is spread twice is deferred in two places, and each comes by itself.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from "graphql";
import type { ConditionValues } from "../planning/conditions.ts";
import { type SelectedOperation, selectOperation } from "../planning/selectOperation.ts";
import { isDefer, readDefer } from "./deferDirective.ts";

export type DeferredFragment = {
  /** The client's own `@defer`: one object for each in its document. */
  readonly directive: DirectiveNode;
  /** The client's. */
  readonly label: string | undefined;
};

export type ExpandedOperation = {
  /** Deferred fragments are inline, with `@defer(label:)` alone beside @skip and @include. */
  readonly selected: SelectedOperation;
  /** By the label that the document has for it. */
  readonly fragments: ReadonlyMap<string, DeferredFragment>;
};

/** `conditions` has a value for each variable of an `@defer(if:)`. */
export function expandDefers(
  { document, definition }: SelectedOperation,
  conditions: ConditionValues,
): ExpandedOperation {
  const active = withoutInactive(document, conditions);
  const definitions = active.definitions.filter((part) => part.kind === Kind.FRAGMENT_DEFINITION);
  const state: State = {
    definitions: new Map(definitions.map((part) => [part.name.value, part])),
    leading: new Map(),
    fragments: new Map(),
  };
  const operations = active.definitions.flatMap((part) =>
    part.kind === Kind.OPERATION_DEFINITION
      ? [{ ...part, selectionSet: expand(state, part.selectionSet) }]
      : [],
  );
  const expanded: DocumentNode = { kind: Kind.DOCUMENT, definitions: [...operations, ...definitions] };
  // Without the named fragments that are written out now.
  const selected = selectOperation(expanded, definition.name?.value);
  return { selected, fragments: state.fragments };
}

function withoutInactive(document: DocumentNode, conditions: ConditionValues): DocumentNode {
  return visit(document, {
    Directive: (directive) => {
      const condition = isDefer(directive) ? readDefer(directive).condition : true;
      const holds = typeof condition === "object" ? conditions.get(condition.variable) === true : condition;
      return holds ? undefined : null;
    },
  });
}

type State = {
  readonly definitions: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Whether something is deferred in a fragment, by its name. */
  readonly leading: Map<string, boolean>;
  readonly fragments: Map<string, DeferredFragment>;
};

function expand(state: State, set: SelectionSetNode): SelectionSetNode {
  return { ...set, selections: set.selections.map((selection) => expandSelection(state, selection)) };
}

function expandSelection(state: State, selection: SelectionNode): SelectionNode {
  switch (selection.kind) {
    case Kind.FIELD:
      return expandField(state, selection);
    case Kind.INLINE_FRAGMENT:
      return expandFragment(state, selection, selection);
    case Kind.FRAGMENT_SPREAD: {
      const definition = state.definitions.get(selection.name.value);
      const isInlined = findDeferred(selection) || isLeading(state, selection.name.value);
      return definition && isInlined ? expandFragment(state, selection, definition) : selection;
    }
  }
}

/** A field without deferred fragments stays the same object. */
function expandField(state: State, field: FieldNode): FieldNode {
  if (!field.selectionSet || !isLeadingSet(state, field.selectionSet)) return field;
  return { ...field, selectionSet: expand(state, field.selectionSet) };
}

function expandFragment(
  state: State,
  { directives = [] }: InlineFragmentNode | FragmentSpreadNode,
  { typeCondition, selectionSet }: Pick<InlineFragmentNode, "typeCondition" | "selectionSet">,
): InlineFragmentNode {
  const deferred = findDeferred({ directives });
  const others = directives.filter((directive) => !isDefer(directive));
  return {
    kind: Kind.INLINE_FRAGMENT,
    ...(typeCondition ? { typeCondition } : {}),
    directives: deferred ? [...others, nameFragment(state, deferred)] : others,
    selectionSet: expand(state, selectionSet),
  };
}

function nameFragment({ fragments }: State, directive: DirectiveNode): DirectiveNode {
  const label = `d${fragments.size}`;
  fragments.set(label, { directive, label: readDefer(directive).label });
  const name = { kind: Kind.NAME, value: "label" } as const;
  return {
    ...directive,
    arguments: [{ kind: Kind.ARGUMENT, name, value: { kind: Kind.STRING, value: label } }],
  };
}

function findDeferred({ directives = [] }: Pick<SelectionNode, "directives">): DirectiveNode | undefined {
  return directives.find(isDefer);
}

function isLeading(state: State, name: string): boolean {
  const known = state.leading.get(name);
  if (known !== undefined) return known;
  const definition = state.definitions.get(name);
  const leads = definition !== undefined && isLeadingSet(state, definition.selectionSet);
  state.leading.set(name, leads);
  return leads;
}

function isLeadingSet(state: State, { selections }: SelectionSetNode): boolean {
  return selections.some((selection) => {
    if (selection.kind !== Kind.FIELD && findDeferred(selection)) return true;
    if (selection.kind === Kind.FRAGMENT_SPREAD) return isLeading(state, selection.name.value);
    return selection.selectionSet !== undefined && isLeadingSet(state, selection.selectionSet);
  });
}
