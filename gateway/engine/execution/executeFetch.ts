/** One fetch of a plan: ask the subgraph, merge what it says, plant an error where it does not. */
import type { SubgraphCall } from "../engine.ts";
import type { FetchNode } from "../planning/queryPlan.ts";
import { collectSlots, type Slot } from "./collectSlots.ts";
import { failFetch } from "./failFetch.ts";
import type { Target } from "./findTargets.ts";
import { receiveAnswer } from "./receiveAnswer.ts";
import type { RunningOperation } from "./runningOperation.ts";

/** Never rejects: whatever fails becomes an error at the place of this fetch, and the rest of the plan goes on. */
export async function executeFetch<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  targets: readonly Target[],
): Promise<void> {
  const slots = collectSlots(running, node, targets);
  try {
    if (slots.length === 0) return;
    running.request.signal.throwIfAborted();
    const answer = await running.transport.request(toSubgraphCall(running, node, slots));
    receiveAnswer(running, node, slots, answer);
  } catch (error) {
    failFetch(running, node, slots, error);
  } finally {
    if (node.id !== undefined) running.onFetched?.(node.id);
  }
}

export function toSubgraphCall<Context>(
  { operation, request }: RunningOperation<Context>,
  node: FetchNode,
  slots: readonly Slot[],
): SubgraphCall<Context> {
  const variables: Record<string, unknown> = {};
  for (const name of node.variables) {
    const value = request.variables[operation.clientVariables.get(name) ?? name];
    if (value !== undefined) variables[name] = value;
  }
  if (node.requires) variables.representations = slots.map((slot) => slot.representation);
  return {
    subgraph: node.subgraph,
    operationKind: node.operationKind,
    query: node.operation,
    operationName: node.operationName,
    variables,
    context: request.context,
    signal: request.signal,
  };
}
