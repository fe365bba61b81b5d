/** Walks a plan: sequences in order, parallels at once, each fetch at the objects that its path finds. */
import type { PlanNode } from "../planning/queryPlan.ts";
import { createData } from "./data.ts";
import { executeFetch } from "./executeFetch.ts";
import { findTargets, type Target } from "./findTargets.ts";
import { mergeData } from "./mergeData.ts";
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
    case "separate":
      await Promise.all(node.nodes.map((child) => executeSeparately(running, child, targets)));
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

async function executeSeparately<Context>(
  running: RunningOperation<Context>,
  node: PlanNode,
  targets: readonly Target[],
): Promise<void> {
  const own = targets.map(({ path }) => ({ object: createData(), path }));
  await executePlan(running, node, own);
  targets.forEach(({ object }, at) => {
    mergeData(object, own[at]?.object ?? {}, running.types.isObjectType);
  });
}
