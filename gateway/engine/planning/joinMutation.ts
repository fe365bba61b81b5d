/** Plans of a mutation's root fields, one after the other, in as few requests as that allows. */
import { joinRootFetches } from "./joinRootFetches.ts";
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
    const joined = first?.kind === "fetch" && last?.kind === "fetch" ? joinMutations(last, first) : undefined;
    if (joined) steps.splice(-1, 1, joined);
    else if (first) steps.push(first);
    steps.push(...rest);
  }
  const [only] = steps;
  return steps.length === 1 && only ? only : { kind: "sequence", nodes: steps };
}

function joinMutations(one: FetchNode, other: FetchNode): FetchNode | undefined {
  return one.operationKind === "mutation" ? joinRootFetches(one, other) : undefined;
}
