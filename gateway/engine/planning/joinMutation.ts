/** Plans of a mutation's root fields, one after the other, in as few requests as that allows. */
import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  stripIgnoredCharacters,
} from "graphql";
import type { FetchNode, PlanNode } from "./queryPlan.ts";

/**
 * Neighbours that one subgraph runs are one request, where nothing has to be fetched between them: the subgraph runs
 * them in order.
 */
export function joinMutation(nodes: readonly PlanNode[]): PlanNode {
  const steps: PlanNode[] = [];
  for (const node of nodes) {
    const [first, ...rest] = node.kind === "sequence" ? node.nodes : [node];
    const last = steps.at(-1);
    const joined = first?.kind === "fetch" && last?.kind === "fetch" ? joinFetches(last, first) : undefined;
    if (joined) steps.splice(-1, 1, joined);
    else if (first) steps.push(first);
    steps.push(...rest);
  }
  const [only] = steps;
  return steps.length === 1 && only ? only : { kind: "sequence", nodes: steps };
}

/** Undefined where they are for different subgraphs, or may mean different things by one name. */
function joinFetches(one: FetchNode, other: FetchNode): FetchNode | undefined {
  if (
    one.subgraph !== other.subgraph ||
    one.operationKind !== "mutation" ||
    other.operationKind !== "mutation"
  )
    return undefined;
  if (one.outputRewrites.length + other.outputRewrites.length > 0) return undefined;
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
