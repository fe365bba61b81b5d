import type { FetchNode } from "../planning/queryPlan.ts";
import type { Slot } from "./collectSlots.ts";
import type { ResponsePath } from "./findTargets.ts";
import { plantError } from "./plantError.ts";
import type { RunningOperation } from "./runningOperation.ts";
import { toClientError } from "./toClientError.ts";

/**
 * The fetch as a whole went wrong. Where one object waits for it, each field fails by its own path; where many wait, they
 * share one error, at the path that they have in common.
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
  const [single] = targets.length === 1 ? targets : [];
  const planted = single ? keys.map((key) => toClientError(running, node, fault, [...path, key])) : [report];
  for (const { object } of targets)
    keys.forEach((key, at) => {
      plantError(object, [key], planted[at] ?? report);
    });
  running.failures.push({ report, planted });
}

function commonPath(paths: readonly ResponsePath[]): ResponsePath {
  const [first = [], ...others] = paths;
  const end = first.findIndex((step, at) => others.some((path) => path[at] !== step));
  return end === -1 ? first : first.slice(0, end);
}
