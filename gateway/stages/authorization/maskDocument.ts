/** What is left of an operation without its denied fields: a valid document, or nothing. Of a subscription, with keys. */
import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from "graphql";
import type { EventKeys } from "../../supergraph/eventKeys.ts";
import { createAddEventKeys } from "./addEventKeys.ts";
import type { OperationAccess } from "./analyseOperation.ts";

export type MaskedDocument = { readonly document: DocumentNode; readonly nothingLeft: boolean };

/** Stands where nothing is left, so that executing it by mistake shows nothing. */
export const emptyDocument = parse("{ __typename }");

export function maskDocument(
  access: OperationAccess,
  denied: { readonly has: (request: number) => boolean },
  eventKeys: EventKeys = new Map(),
): MaskedDocument {
  const { operation, fragments, guards } = access;
  const addToSelections = createAddEventKeys(access, isDenied, eventKeys);
  /** By name; undefined when nothing is left of the fragment. */
  const masked = new Map<string, FragmentDefinitionNode | undefined>();

  function maskSelections(set: SelectionSetNode): SelectionSetNode | undefined {
    const selections = set.selections.flatMap((selection) => maskSelection(selection) ?? []);
    if (selections.length === 0) return undefined;
    const left = { ...set, selections };
    const lost = set.selections.flatMap((each) => (each.kind === Kind.FIELD && isDenied(each) ? [each] : []));
    const added = addToSelections(lost, left);
    return added.length === 0 ? left : { ...left, selections: [...selections, ...added] };
  }

  function maskSelection(selection: SelectionNode): SelectionNode | undefined {
    if (selection.kind === Kind.FRAGMENT_SPREAD)
      return maskFragment(selection.name.value) ? selection : undefined;
    if (selection.kind === Kind.FIELD && isDenied(selection)) return undefined;
    if (!selection.selectionSet) return selection;
    // A field of which nothing is left is not fetched: even whether it is null may be a secret.
    const selectionSet = maskSelections(selection.selectionSet);
    return selectionSet && { ...selection, selectionSet };
  }

  function isDenied(field: FieldNode): boolean {
    return guards.get(field)?.some((request) => denied.has(request)) ?? false;
  }

  function maskFragment(name: string): FragmentDefinitionNode | undefined {
    if (!masked.has(name)) {
      const fragment = fragments.get(name);
      const selectionSet = fragment && maskSelections(fragment.selectionSet);
      masked.set(name, selectionSet && { ...fragment, selectionSet });
    }
    return masked.get(name);
  }

  const selectionSet = maskSelections(operation.selectionSet);
  if (!selectionSet) return { document: emptyDocument, nothingLeft: true };
  const definitions = [...masked.values()].filter((fragment) => fragment !== undefined);
  return {
    document: {
      kind: Kind.DOCUMENT,
      definitions: dropUnused({ ...operation, selectionSet }, definitions),
    },
    nothingLeft: false,
  };
}

/** Fragments and variables that only denied fields used would make the document invalid. */
function dropUnused(
  operation: OperationDefinitionNode,
  fragments: readonly FragmentDefinitionNode[],
): DefinitionNode[] {
  const spread = new Set<string>();
  const pending: DefinitionNode[] = [operation];
  const byName = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  for (let next = pending.pop(); next; next = pending.pop()) {
    for (const name of namesIn(next, Kind.FRAGMENT_SPREAD)) {
      const fragment = byName.get(name);
      if (!fragment || spread.has(name)) continue;
      spread.add(name);
      pending.push(fragment);
    }
  }
  const used = fragments.filter(({ name }) => spread.has(name.value));
  const inOperation = { ...operation, variableDefinitions: [] };
  const variables = new Set([inOperation, ...used].flatMap((node) => namesIn(node, Kind.VARIABLE)));
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) =>
    variables.has(variable.name.value),
  );
  return [{ ...operation, ...(variableDefinitions && { variableDefinitions }) }, ...used];
}

function namesIn(node: DefinitionNode, kind: Kind.FRAGMENT_SPREAD | Kind.VARIABLE): string[] {
  const names: string[] = [];
  visit(node, { [kind]: ({ name }: { name: { value: string } }) => void names.push(name.value) });
  return names;
}
