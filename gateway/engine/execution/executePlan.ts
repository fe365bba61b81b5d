/** Walks a plan: sequences in order, parallels at once, each fetch at the objects that its path finds. */
import type { PlanNode } from "../planning/queryPlan.ts";
import { executeFetch } from "./executeFetch.ts";
import { findTargets, type Target } from "./findTargets.ts";
import type { RunningOperation } from "./runningOperation.ts";

export async function executePlan<Context>(
  running: RunningOperation<Context>,
  node: PlanNode | undefined,
  targets: readonly Target[],
): Promise<void> {
  switch (node?.kind) {
    case undefined:
      return;
    case "sequence":
      for (const child of node.nodes) await executePlan(running, child, targets);
      return;
    case "parallel":
      await Promise.all(node.nodes.map((child) => executePlan(running, child, targets)));
      return;
    case "flatten":
      return executePlan(running, node.node, findTargets(targets, node.path, running.types));
    case "condition": {
      const holds = running.coercedVariables[node.variable] === true;
      return executePlan(running, holds ? node.included : node.skipped, targets);
    }
    case "fetch":
      return executeFetch(running, node, targets);
  }
}
