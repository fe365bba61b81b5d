/**
 * Root fields of a mutation run one after the other, each with all that is selected below it
 * (https://spec.graphql.org/October2021/#sec-Mutation). Planners do not keep to that: Apollo's gathers root fields of one
 * subgraph, whatever stands between them, and fetches what is selected below only after the last of them. So each root
 * field is planned by itself.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  separateOperations,
} from "graphql";

/** One document for each response key of a mutation's root, in their order; of any other operation the document itself. */
export function splitMutation(document: DocumentNode): readonly DocumentNode[] {
  const definition = document.definitions.find((part) => part.kind === Kind.OPERATION_DEFINITION);
  if (definition?.operation !== OperationTypeNode.MUTATION) return [document];
  const fragments = new Map(
    document.definitions.flatMap((part) =>
      part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part] as const] : [],
    ),
  );
  const root = openSpreads(definition.selectionSet, fragments);
  const keys = new Set(rootKeys(root));
  if (keys.size <= 1) return [document];
  return [...keys].map((key) => {
    const alone: OperationDefinitionNode = { ...definition, selectionSet: keepKey(root, key) };
    const name = definition.name?.value ?? "";
    const part: DocumentNode = { kind: Kind.DOCUMENT, definitions: [alone, ...fragments.values()] };
    // Without the fragments that it does not use.
    return separateOperations(part)[name] ?? part;
  });
}

/** Spreads at the root as inline fragments, so that each part can have its own of it. */
function openSpreads(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionSetNode {
  return toSet(
    selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.FIELD) return selection;
      const opened =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (!opened) throw new Error("a fragment that is not there");
      const { directives = [] } = selection;
      return {
        kind: Kind.INLINE_FRAGMENT,
        directives,
        selectionSet: openSpreads(opened.selectionSet, fragments),
      };
    }),
  );
}

/** `__typename` is known without asking. */
function rootKeys({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootKeys(selection.selectionSet);
    if (selection.kind !== Kind.FIELD || selection.name.value === "__typename") return [];
    return [(selection.alias ?? selection.name).value];
  });
}

function keepKey({ selections }: SelectionSetNode, key: string): SelectionSetNode {
  return toSet(
    selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FIELD)
        return (selection.alias ?? selection.name).value === key ? [selection] : [];
      if (selection.kind !== Kind.INLINE_FRAGMENT) return [];
      const selectionSet = keepKey(selection.selectionSet, key);
      return selectionSet.selections.length > 0 ? [{ ...selection, selectionSet }] : [];
    }),
  );
}

function toSet(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}
