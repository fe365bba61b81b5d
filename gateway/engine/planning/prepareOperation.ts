/**
 * Gets one operation of a client ready for planners: constant conditions are decided, introspection is left out (it is
 * answered here), and response keys that would meet the planner's own are renamed. `document` is what the client asked;
 * `planned` is what subgraphs are asked, and answers are read from its keys.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  separateOperations,
} from "graphql";
import { AppError, toGraphQLError } from "../../errors.ts";
import { decideConditions } from "./decideConditions.ts";
import { createKeyRenamer, type KeyRenamer } from "./renameKeys.ts";
import { renameVariables } from "./renameVariables.ts";
import type { ReservedKeys } from "./reservedKeys.ts";

export type PreparedOperation = {
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** Absent when nothing is left to ask of any subgraph. */
  readonly planned: DocumentNode | undefined;
  /** Response key in the merged data, for the client's fields where it is not the client's own. */
  readonly plannedKeys: KeyRenamer["plannedKeys"];
  /** The way back, for the paths of errors. */
  readonly clientKeys: KeyRenamer["clientKeys"];
  /** The client's name of a variable, by its planned name, where they differ. */
  readonly clientVariables: ReadonlyMap<string, string>;
};

export function prepareOperation(
  document: DocumentNode,
  operationName: string | undefined,
  reserved: ReservedKeys,
): PreparedOperation {
  const definition = findOperation(document, operationName);
  const own = separateOperations(document)[definition.name?.value ?? ""] ?? document;
  const keys = createKeyRenamer(own, reserved);
  const definitions = own.definitions.map((part) =>
    part.kind === Kind.OPERATION_DEFINITION || part.kind === Kind.FRAGMENT_DEFINITION
      ? { ...part, selectionSet: prepareSelections(part.selectionSet, keys) }
      : part,
  );
  const { planned, clientVariables } = renameVariables({ kind: Kind.DOCUMENT, definitions });
  return {
    document: own,
    definition,
    planned: asksForData(planned) ? planned : undefined,
    plannedKeys: keys.plannedKeys,
    clientKeys: keys.clientKeys,
    clientVariables,
  };
}

function findOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const definition = getOperationAST(document, operationName);
  if (definition) return definition;
  const expected =
    operationName === undefined ? "exactly one operation, or its name" : "an operation of that name";
  throw toGraphQLError(
    new AppError("OPERATION_RESOLUTION_FAILED", 400, `Expected ${expected} in the document.`),
  );
}

function prepareSelections(set: SelectionSetNode, keys: KeyRenamer): SelectionSetNode {
  const selections = set.selections.flatMap((selection): readonly SelectionNode[] => {
    const directives = decideConditions(selection.directives);
    if (directives === "never") return [];
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [{ ...selection, directives }];
    if (selection.kind === Kind.FIELD) {
      if (isIntrospection(selection)) return [];
      const renamed = { ...keys.rename(selection), directives };
      if (!selection.selectionSet) return [renamed];
      return [{ ...renamed, selectionSet: prepareSelections(selection.selectionSet, keys) }];
    }
    return [{ ...selection, directives, selectionSet: prepareSelections(selection.selectionSet, keys) }];
  });
  return { kind: Kind.SELECTION_SET, selections: selections.length > 0 ? selections : [TYPENAME] };
}

/** An object of which nothing else is wanted must still be fetched, to know whether it is there. */
const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

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
