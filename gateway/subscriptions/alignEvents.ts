/** Finds out where in the events of one source another one begins, which tells the same events, selected differently. */
import type { SubgraphAnswer } from "../engine/engine.ts";

/**
 * How many of the events that the younger source tells have been told by the older one: 0 would be none of them, so
 * undefined says that no event of the one was found in the other. Where events cannot be told apart the smaller number
 * counts: an event is repeated rather than lost.
 */
export function countTold(
  older: readonly SubgraphAnswer[],
  younger: readonly SubgraphAnswer[],
): number | undefined {
  if (younger.length === 0) return undefined;
  for (let start = older.length - 1; start >= 0; start -= 1) {
    const rest = older.slice(start);
    if (rest.every((event, at) => at >= younger.length || isSameEvent(event, younger[at])))
      return rest.length;
  }
  return undefined;
}

/** By what both selected. */
function isSameEvent(one: SubgraphAnswer, other: SubgraphAnswer | undefined): boolean {
  return agrees(one.data ?? null, other?.data ?? null);
}

function agrees(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => agrees(item, other[at]));
  if (!isObject(one) || !isObject(other)) return one === other;
  return Object.keys(one).every((key) => !Object.hasOwn(other, key) || agrees(one[key], other[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
