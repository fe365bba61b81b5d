import type { DeferredFetches, FetchNode, PlanNode, QueryPlan } from "./queryPlan.ts";

/** Every fetch of a plan, in no order that means anything. */
export function fetchesOf(plan: QueryPlan): FetchNode[] {
  switch (plan.kind) {
    case "operation":
      return fetchesIn(plan.node);
    case "subscription":
      return [plan.primary, ...fetchesIn(plan.rest)];
    case "deferred":
      return [plan.primary, ...nodesOf(plan.deferred)].flatMap(fetchesIn);
  }
}

/** The nodes of deferred fragments and of those within them. */
export function nodesOf(deferred: readonly DeferredFetches[]): (PlanNode | undefined)[] {
  return deferred.flatMap(({ node, deferred: nested }) => [node, ...nodesOf(nested)]);
}

export function fetchesIn(node: PlanNode | undefined): FetchNode[] {
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
