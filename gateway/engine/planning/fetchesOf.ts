import type { FetchNode, PlanNode, QueryPlan } from "./queryPlan.ts";

/** Every fetch of a plan, in no order that means anything. */
export function fetchesOf(plan: QueryPlan): FetchNode[] {
  return plan.kind === "operation" ? fetchesIn(plan.node) : [plan.primary, ...fetchesIn(plan.rest)];
}

function fetchesIn(node: PlanNode | undefined): FetchNode[] {
  if (!node) return [];
  switch (node.kind) {
    case "fetch":
      return [node];
    case "flatten":
      return fetchesIn(node.node);
    case "condition":
      return [node.included, node.skipped].flatMap(fetchesIn);
    default:
      return node.nodes.flatMap(fetchesIn);
  }
}
