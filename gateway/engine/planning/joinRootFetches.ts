import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  stripIgnoredCharacters,
} from "graphql";
import type { FetchNode } from "./queryPlan.ts";

/** Two fetches of root fields as one; undefined where they are for different subgraphs or may mean different things by one name. */
export function joinRootFetches(one: FetchNode, other: FetchNode): FetchNode | undefined {
  if (one.subgraph !== other.subgraph || one.operationKind !== other.operationKind) return undefined;
  // One variable of @fromContext may have a value in each.
  if (one.contexts || other.contexts) return undefined;
  if (one.requires || other.requires || one.outputRewrites.length + other.outputRewrites.length > 0)
    return undefined;
  const first = onlyOperation(parse(one.operation, { noLocation: true }));
  const second = onlyOperation(parse(other.operation, { noLocation: true }));
  if (!first || !second) return undefined;
  const variables = [...(first.variableDefinitions ?? []), ...(second.variableDefinitions ?? [])];
  const operation: OperationDefinitionNode = {
    ...first,
    variableDefinitions: [...new Map(variables.map((one) => [one.variable.name.value, one])).values()],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [...first.selectionSet.selections, ...second.selectionSet.selections],
    },
  };
  return {
    ...one,
    operation: stripIgnoredCharacters(print(operation)),
    variables: [...new Set([...one.variables, ...other.variables])],
    delivers: [...new Set([...one.delivers, ...other.delivers])],
  };
}

/** Undefined where there are fragments: two of one name could differ. */
function onlyOperation({ definitions }: DocumentNode): OperationDefinitionNode | undefined {
  const [only] = definitions;
  return definitions.length === 1 && only?.kind === Kind.OPERATION_DEFINITION ? only : undefined;
}
