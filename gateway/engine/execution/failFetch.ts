import type { GraphQLError } from "graphql";
import type { FetchNode } from "../planning/queryPlan.ts";
import type { Slot } from "./collectSlots.ts";
import type { ResponsePath } from "./findTargets.ts";
import { plantError } from "./plantError.ts";
import type { RunningOperation } from "./runningOperation.ts";
import { toClientError } from "./toClientError.ts";

/**
 * The fetch as a whole went wrong. Where one object waits for it, each field fails by its own path; where many wait, they
 * share one error, at the path that they have in common, unless each comes in a part of its own.
 */
export function failFetch<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  slots: readonly Slot[],
  fault: unknown,
  keys: readonly string[] = node.delivers,
): void {
  const targets = slots.flatMap((slot) => slot.targets);
  const path = commonPath(targets.map((target) => target.path));
  const report = toClientError(running, node, fault, path);
  const [single] = targets;
  const planted: GraphQLError[] = [];
  if (single && targets.length === 1)
    for (const key of keys) {
      const error = toClientError(running, node, fault, [...path, key]);
      plantError(single.object, [key], error);
      planted.push(error);
    }
  else if (running.failsApart)
    for (const target of targets) {
      const error = toClientError(running, node, fault, target.path);
      plantError(target.object, keys, error);
      planted.push(error);
    }
  else {
    for (const { object } of targets) plantError(object, keys, report);
    planted.push(report);
  }
  running.failures.push({ report, planted });
}

function commonPath(paths: readonly ResponsePath[]): ResponsePath {
  const [first = [], ...others] = paths;
  const end = first.findIndex((step, at) => others.some((path) => path[at] !== step));
  return end === -1 ? first : first.slice(0, end);
}
