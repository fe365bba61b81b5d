/** Takes a subgraph's answer apart: data into the objects that wait for it, errors to the fields they explain. */
import type { SubgraphAnswer } from "../engine.ts";
import type { FetchNode } from "../planning/queryPlan.ts";
import type { Slot } from "./collectSlots.ts";
import { copyData, isObject } from "./data.ts";
import { isAboutFailed, plantFailedFields } from "./failedFields.ts";
import { failFetch } from "./failFetch.ts";
import { mergeData } from "./mergeData.ts";
import { plantAbsence, plantError, plantErrorAt } from "./plantError.ts";
import { type PlacedError, readAnswer } from "./readAnswer.ts";
import { rewriteData } from "./rewriteData.ts";
import type { RunningOperation } from "./runningOperation.ts";
import { toClientError } from "./toClientError.ts";
import { toRenamed } from "./toRenamed.ts";

/** Throws when this is no answer to the fetch. */
export function receiveAnswer<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  slots: readonly Slot[],
  answer: SubgraphAnswer,
): void {
  const { parts, errors } = readAnswer(answer, node, slots.length);
  slots.forEach((slot, at) => {
    mergePart(running, node, slot, parts?.[at]);
  });
  for (const error of errors) placeError(running, node, slots, error, parts);
}

function mergePart<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  { targets }: Slot,
  part: unknown,
): void {
  const { types } = running;
  for (const target of targets) {
    const copy = copyData(part);
    rewriteData(copy, node.outputRewrites, types);
    plantFailedFields(running, target, copy);
    if (isObject(copy)) mergeData(target.object, copy, types.isObjectType);
    else plantAbsence(target.object, node.delivers);
  }
}

/** An entity that stands in several places fails in each, as it would had each been asked for by itself. */
function placeError<Context>(
  running: RunningOperation<Context>,
  node: FetchNode,
  slots: readonly Slot[],
  { fault, slot, path }: PlacedError,
  parts: readonly unknown[] | undefined,
): void {
  const waiting = slot === undefined ? undefined : slots[slot];
  if (slot === undefined || !waiting) {
    failFetch(running, node, slots, fault, parts ? [] : node.delivers);
    return;
  }
  const { plannersKeys, clientKeys } = running.operation;
  const clientPath = path.map((step) => toRenamed(node, step));
  for (const target of waiting.targets) {
    if (isAboutFailed(target, clientPath)) continue;
    const error = toClientError(running, node, fault, [...target.path, ...clientPath]);
    const isPlanted = isObject(parts?.[slot]) && plantErrorAt(target.object, clientPath, error);
    if (!isObject(parts?.[slot])) plantError(target.object, node.delivers, error);
    const whole = [...target.path, ...clientPath].map(String);
    // What depends on the planner's own field tells of it; the client's of that name may be another one.
    if (whole.some((step) => plannersKeys.has(step))) continue;
    // Nor is the client's field of this name the one that failed, where that was asked of other types only.
    if (isPlanted && whole.some((step) => clientKeys.has(step))) continue;
    running.failures.push({ report: error, planted: [error] });
  }
}
