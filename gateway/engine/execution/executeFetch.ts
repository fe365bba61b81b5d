/** One fetch of a plan: ask the subgraph, merge what it says, plant an error where it does not. */
import type { SubgraphAnswer, SubgraphCall } from "../engine.ts";
import type { FetchNode } from "../planning/queryPlan.ts";
import { collectSlots, type Slot } from "./collectSlots.ts";
import { type Group, groupByContexts, toGroupAnswer, writeForGroups } from "./contextGroups.ts";
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
  if (node.contexts)
    await Promise.all(groupByContexts(slots).map((groups) => askForGroups(running, node, groups)));
  else if (slots.length > 0) await ask(running, node, slots);
  if (node.id !== undefined) running.onFetched?.(node.id);
}

async function ask<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  slots: readonly Slot[],
): Promise<void> {
  try {
    running.request.signal.throwIfAborted();
    const answer = await running.transport.request(toSubgraphCall(running, node, slots));
    receiveAnswer(running, node, slots, answer);
  } catch (error) {
    failFetch(running, node, slots, error);
  }
}

/** In one request. */
async function askForGroups<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  groups: readonly Group[],
): Promise<void> {
  const [first = []] = groups;
  if (groups.length === 1) return ask(running, node, first);
  let answer: SubgraphAnswer;
  try {
    running.request.signal.throwIfAborted();
    const { query, variables } = writeForGroups(node, groups);
    const call = toSubgraphCall(running, { ...node, requires: undefined }, []);
    answer = await running.transport.request({
      ...call,
      query,
      variables: { ...call.variables, ...variables },
    });
  } catch (error) {
    failFetch(running, node, groups.flat(), error);
    return;
  }
  for (const [at, slots] of groups.entries())
    try {
      receiveAnswer(running, node, slots, toGroupAnswer(answer, at));
    } catch (error) {
      failFetch(running, node, slots, error);
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
  Object.assign(variables, slots[0]?.contexts);
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
