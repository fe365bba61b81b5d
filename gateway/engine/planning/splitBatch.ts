import {
  type DefinitionNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  visit,
} from "graphql";

/** One `_entities` field of an operation that has several under aliases, as an operation of its own. */
export function splitBatch(
  operation: string,
  alias: string,
  representations: string,
): { readonly operation: string; readonly variables: string[] } {
  const document = parse(operation, { noLocation: true });
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const definition = document.definitions.find(isOperation);
  const field = definition?.selectionSet.selections.find(
    (selection): selection is FieldNode => selection.kind === Kind.FIELD && selection.alias?.value === alias,
  );
  if (!definition || !field) throw new Error(`no field ${alias} in a batch of entities`);
  const { alias: _alias, ...unaliased } = field;
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [unaliased] };
  const used = new Set<string>();
  for (const part of [selectionSet, ...fragments])
    visit(part, { Variable: ({ name }) => void used.add(name.value) });
  const variableDefinitions = definition.variableDefinitions?.filter(({ variable }) =>
    used.has(variable.name.value),
  );
  const alone: OperationDefinitionNode = {
    ...definition,
    variableDefinitions: variableDefinitions ?? [],
    selectionSet,
  };
  const renamed = visit(
    { kind: Kind.DOCUMENT, definitions: [alone, ...fragments] },
    {
      Variable: (node) =>
        node.name.value === representations
          ? { ...node, name: { kind: Kind.NAME, value: "representations" } }
          : undefined,
    },
  );
  used.delete(representations);
  return { operation: print(renamed), variables: [...used] };
}

function isOperation(definition: DefinitionNode): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION;
}
