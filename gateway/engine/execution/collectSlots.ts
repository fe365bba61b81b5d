import type { FetchNode } from "../planning/queryPlan.ts";
import { buildRepresentation, type Representation } from "./buildRepresentation.ts";
import type { DataObject } from "./data.ts";
import { type FailedField, failFields } from "./failedFields.ts";
import type { Target } from "./findTargets.ts";
import { plantAbsence } from "./plantError.ts";
import { readContexts } from "./readContexts.ts";
import { rewriteData } from "./rewriteData.ts";
import type { RunningOperation } from "./runningOperation.ts";

/** One part of a subgraph's answer and everything that waits for it. A fetch of root fields has a single slot. */
export type Slot = {
  readonly representation: DataObject | undefined;
  readonly targets: Target[];
  /** Values of the fetch's variables of @fromContext. */
  readonly contexts?: Readonly<Record<string, unknown>>;
};

/** Equal representations share a slot: each entity is asked for once, however often it stands in the answer. */
export function collectSlots<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  targets: readonly Target[],
): Slot[] {
  const { types } = running;
  const slots = new Map<string, Slot>();
  for (const target of targets) {
    const { built, failed } = node.requires ? build(running, node, target) : ROOT;
    if (built.kind === "absent") plantAbsence(target.object, node.delivers);
    if (built.kind !== "complete") continue;
    const contexts = node.contexts ? readContexts(node, target, types) : undefined;
    const representation = node.requires && built.value;
    rewriteData(representation, node.inputRewrites, types);
    const key = JSON.stringify(contexts ? [representation, contexts.values] : representation) ?? "";
    const allFailed = [...failed, ...(contexts?.failed ?? [])];
    const waiting = allFailed.length > 0 ? { ...target, failed: allFailed } : target;
    const slot = slots.get(key);
    if (slot) slot.targets.push(waiting);
    else
      slots.set(key, {
        representation,
        targets: [waiting],
        ...(contexts ? { contexts: contexts.values } : {}),
      });
  }
  return [...slots.values()];
}

type Built = { readonly built: Representation; readonly failed: readonly FailedField[] };

/** Nothing is sent of a root. */
const ROOT: Built = { built: { kind: "complete", value: {} }, failed: [] };

/** Where an input has failed, what is computed from it fails; other fields of the same fetch are asked for all the same. */
function build<Context>(running: RunningOperation<Context>, node: FetchNode, target: Target): Built {
  const { requires = [], delivers, computes } = node;
  const built = buildRepresentation(target.object, requires, running.types);
  if (built.kind !== "failed") return { built, failed: [] };
  const others = delivers.filter((key) => key !== "__typename" && !computes?.keys.includes(key));
  const rest =
    computes && others.length > 0
      ? buildRepresentation(target.object, requires, running.types, computes.inputs)
      : built;
  const keys = rest.kind === "complete" ? (computes?.keys ?? []) : delivers;
  failFields(running, target, keys, built.error);
  return { built: rest, failed: keys.map((key) => ({ keys: [key], cause: built.error })) };
}
