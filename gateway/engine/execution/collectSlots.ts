import { GraphQLError } from "graphql";
import type { FetchNode } from "../planning/queryPlan.ts";
import { buildRepresentation, type Representation } from "./buildRepresentation.ts";
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
    const { built, lacksInputs } = build(running, node, target);
    if (built.kind === "absent") plantAbsence(target.object, node.delivers);
    if (built.kind !== "complete") continue;
    rewriteData(built.value, node.inputRewrites, types);
    const key = JSON.stringify(built.value);
    const slot = slots.get(key);
    if (slot) slot.targets.push(lacksInputs ? { ...target, lacksInputs } : target);
    else
      slots.set(key, {
        representation: built.value,
        targets: [lacksInputs ? { ...target, lacksInputs } : target],
      });
  }
  return [...slots.values()];
}

/** Where an input has failed, what is computed from it fails; other fields of the same fetch are asked for all the same. */
function build<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  target: Target,
): { readonly built: Representation; readonly lacksInputs?: true } {
  const { requires = [], delivers, computes } = node;
  const built = buildRepresentation(target.object, requires, running.types);
  if (built.kind !== "failed") return { built };
  const others = delivers.filter((key) => key !== "__typename" && !computes?.keys.includes(key));
  const rest =
    computes && others.length > 0
      ? buildRepresentation(target.object, requires, running.types, computes.inputs)
      : built;
  failFields(running, target, rest.kind === "complete" ? (computes?.keys ?? []) : delivers, built.error);
  return { built: rest, lacksInputs: true };
}

/** What cannot be computed fails where it stands, for the reason that its input had. */
function failFields<Context>(
  { operation }: RunningOperation<Context>,
  { object, path }: Target,
  keys: readonly string[],
  cause: Error,
): void {
  for (const key of keys) {
    const clientPath = [...path, key].map((step) => operation.clientKeys.get(String(step)) ?? step);
    const extensions = cause instanceof GraphQLError ? cause.extensions : {};
    plantError(
      object,
      [key],
      new GraphQLError(cause.message, { path: clientPath, extensions, originalError: cause }),
    );
  }
}
