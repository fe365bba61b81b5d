/** What an answer in parts, put together, differs in from the whole answer. */
import type { ExecutionResult } from "graphql";
import { findErrorDifference } from "./compareAnswers.ts";
import type { MergedAnswer } from "./mergeParts.ts";

/**
 * Keys may stand in another order. A null that went up through a deferred fragment stops there, so what is above it is kept,
 * and what is told of it may be told of a null that the whole answer has further up.
 */
export function findDifferenceInParts(merged: MergedAnswer, expected: ExecutionResult): string | undefined {
  const wanted: unknown = JSON.parse(JSON.stringify(expected.data ?? null));
  const mayBeKept = (path: string) => merged.failed.some((place) => `.${place.join(".")}`.startsWith(path));
  const place = findPlace(merged.data, wanted, "", mayBeKept);
  if (place !== undefined) return `data: at ${place === "" ? "the root" : place}`;
  return findErrorDifference({ ...merged, data: expected.data ?? null }, expected);
}

function findPlace(
  came: unknown,
  wanted: unknown,
  path: string,
  mayBeKept: (path: string) => boolean,
): string | undefined {
  if (wanted === null && came !== null && mayBeKept(path)) return undefined;
  if (!isContainer(came) || !isContainer(wanted)) return came === wanted ? undefined : path;
  if (Object.keys(came).sort().join() !== Object.keys(wanted).sort().join()) return path;
  for (const key of Object.keys(wanted)) {
    const place = findPlace(Reflect.get(came, key), Reflect.get(wanted, key), `${path}.${key}`, mayBeKept);
    if (place !== undefined) return place;
  }
  return undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
