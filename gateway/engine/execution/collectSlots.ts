import { GraphQLError } from "graphql";
import type { FetchNode } from "../planning/queryPlan.ts";
import { buildRepresentation } from "./buildRepresentation.ts";
import type { DataObject } from "./data.ts";
import type { Target } from "./findTargets.ts";
import { plantAbsence, plantError } from "./plantError.ts";
import { rewriteData } from "./rewriteData.ts";
import type { RunningOperation } from "./runningOperation.ts";

/** One part of a subgraph's answer and everything that waits for it. A fetch of root fields has a single slot. */
export type Slot = { readonly representation: DataObject | undefined; readonly targets: Target[] };

/** Equal representations share a slot: each entity is asked for once, however often it stands in the answer. */
export function collectSlots<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  targets: readonly Target[],
): Slot[] {
  const { types } = running;
  if (!node.requires) return targets.length > 0 ? [{ representation: undefined, targets: [...targets] }] : [];
  const slots = new Map<string, Slot>();
  for (const target of targets) {
    const built = buildRepresentation(target.object, node.requires, types);
    if (built.kind === "failed") failFields(running, node, target, built.error);
    if (built.kind === "absent") plantAbsence(target.object, node.delivers);
    if (built.kind !== "complete") continue;
    rewriteData(built.value, node.inputRewrites, types);
    const key = JSON.stringify(built.value);
    const slot = slots.get(key);
    if (slot) slot.targets.push(target);
    else slots.set(key, { representation: built.value, targets: [target] });
  }
  return [...slots.values()];
}

/** What cannot be computed fails where it stands, for the reason that its input had. */
function failFields<Context>(
  { operation }: RunningOperation<Context>,
  { delivers }: FetchNode,
  { object, path }: Target,
  cause: Error,
): void {
  for (const key of delivers) {
    const clientPath = [...path, key].map((step) => operation.clientKeys.get(String(step)) ?? step);
    const extensions = cause instanceof GraphQLError ? cause.extensions : {};
    plantError(
      object,
      [key],
      new GraphQLError(cause.message, { path: clientPath, extensions, originalError: cause }),
    );
  }
}
