/**
 * Gets an operation ready for planners: conditions are decided, introspection is left out (it is answered here), and
 * response keys that would meet the planner's own are renamed. `document` is what the client asked; `planned` is what
 * subgraphs are asked, and answers are read by its keys.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { ReservedKeys } from "../../supergraph/reservedKeys.ts";
import { type ConditionValues, decideConditions } from "./conditions.ts";
import { createKeyRenamer, type KeyRenamer } from "./renameKeys.ts";
import { renameVariables } from "./renameVariables.ts";
import type { SelectedOperation } from "./selectOperation.ts";
import { TYPENAME } from "./typename.ts";

export type PreparedOperation = SelectedOperation & {
  /** Absent when nothing is left to ask of any subgraph. */
  readonly planned: DocumentNode | undefined;
  /** Response key in the merged data, for the client's fields where it is not the client's own. */
  readonly plannedKeys: KeyRenamer["plannedKeys"];
  /** The way back, for the paths of errors. */
  readonly clientKeys: KeyRenamer["clientKeys"];
  /** Under these the planner asks for what is @required with arguments, and the client for nothing. */
  readonly plannersKeys: ReadonlySet<string>;
  /** The client's name of a variable, by its planned name, where they differ. */
  readonly clientVariables: ReadonlyMap<string, string>;
};

export function prepareOperation(
  selected: SelectedOperation,
  conditions: ConditionValues,
  reserved: ReservedKeys,
): PreparedOperation {
  const keys = createKeyRenamer(selected.document, reserved);
  const state: State = { keys, conditions };
  const definitions = selected.document.definitions.map((part) => {
    if (part.kind === Kind.OPERATION_DEFINITION)
      return { ...part, selectionSet: prepareSelections(part.selectionSet, state) };
    if (part.kind === Kind.FRAGMENT_DEFINITION)
      return { ...part, selectionSet: anchor(prepareSelections(part.selectionSet, state)) };
    return part;
  });
  const { planned, clientVariables } = renameVariables({ kind: Kind.DOCUMENT, definitions });
  return {
    ...selected,
    planned: asksForData(planned) ? planned : undefined,
    plannedKeys: keys.plannedKeys,
    clientKeys: keys.clientKeys,
    plannersKeys: reserved.withArguments,
    clientVariables,
  };
}

type State = { readonly keys: KeyRenamer; readonly conditions: ConditionValues };

function prepareSelections(set: SelectionSetNode, state: State): SelectionSetNode {
  const selections = set.selections.flatMap((selection): readonly SelectionNode[] => {
    const directives = decideConditions(selection.directives, state.conditions);
    if (directives === "never") return [];
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [{ ...selection, directives }];
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return [
        { ...selection, directives, selectionSet: anchor(prepareSelections(selection.selectionSet, state)) },
      ];
    if (isIntrospection(selection)) return [];
    const field = { ...state.keys.rename(selection), directives };
    if (!selection.selectionSet) return [field];
    return [{ ...field, selectionSet: anchor(prepareSelections(selection.selectionSet, state)) }];
  });
  return { kind: Kind.SELECTION_SET, selections: selections.length > 0 ? selections : [TYPENAME] };
}

/**
 * Planners leave out a field all of whose selections turn out to be skipped, although it must still be known whether
 * there is an object, or how many.
 */
function anchor(set: SelectionSetNode): SelectionSetNode {
  const isCertain = set.selections.some(({ directives = [] }) => directives.length === 0);
  return isCertain ? set : { ...set, selections: [...set.selections, TYPENAME] };
}

function isIntrospection({ name: { value } }: FieldNode): boolean {
  return value === "__schema" || value === "__type";
}

/** `__typename` of a root type is known without asking anyone. */
function asksForData(document: DocumentNode): boolean {
  const fragments = new Map(
    document.definitions
      .filter((part): part is FragmentDefinitionNode => part.kind === Kind.FRAGMENT_DEFINITION)
      .map((part) => [part.name.value, part.selectionSet]),
  );
  const asks = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value !== "__typename";
      return asks(
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : fragments.get(selection.name.value),
      );
    }) ?? false;
  return document.definitions.some(
    (part) => part.kind === Kind.OPERATION_DEFINITION && asks(part.selectionSet),
  );
}
