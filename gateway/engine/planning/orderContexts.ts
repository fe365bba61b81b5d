/**
 * Apollo's planner may let a fetch start that reads a value of @fromContext beside the one that brings this value, so it would
 * be computed from nothing, silently. Here such fetches come one after the other. Throws where nobody brings the value.
 */
import { fetchesOf } from "./fetchesOf.ts";
import { fieldsOfFetch } from "./fieldsOfFetch.ts";
import type { DeferredFetches, FetchNode, PathSegment, PlanNode, QueryPlan } from "./queryPlan.ts";

/** Places of the answer, as keys joined by dots. Types and lists on the way are left out. */
type Places = ReadonlySet<string>;

export function orderContexts(plan: QueryPlan): QueryPlan {
  if (!fetchesOf(plan).some(({ contexts }) => contexts)) return plan;
  if (plan.kind === "subscription") {
    const known = broughtBy(plan.primary, []);
    return { ...plan, rest: plan.rest && order(plan.rest, [], known) };
  }
  if (plan.kind === "operation") return { ...plan, node: plan.node && order(plan.node, [], new Set()) };
  const primary = plan.primary && order(plan.primary, [], new Set());
  const known = placesOf(primary, []);
  return { ...plan, primary, deferred: plan.deferred.map((one) => orderDeferred(one, known)) };
}

function orderDeferred(fetches: DeferredFetches, known: Places): DeferredFetches {
  const node = fetches.node && order(fetches.node, [], known);
  const inside = new Set([...known, ...placesOf(node, [])]);
  return { ...fetches, node, deferred: fetches.deferred.map((one) => orderDeferred(one, inside)) };
}

/** `known` is brought before this node starts. */
function order(node: PlanNode, path: readonly string[], known: Places): PlanNode {
  switch (node.kind) {
    case "sequence": {
      let before = known;
      const nodes = node.nodes.map((child) => {
        const ordered = order(child, path, before);
        before = new Set([...before, ...placesOf(child, path)]);
        return ordered;
      });
      return { ...node, nodes };
    }
    case "parallel":
      return orderParallel(node.nodes, path, known);
    case "separate":
      return { ...node, nodes: node.nodes.map((child) => order(child, path, known)) };
    case "flatten":
      return { ...node, node: order(node.node, [...path, ...keysOf(node.path)], known) };
    case "condition":
      return {
        ...node,
        included: node.included && order(node.included, path, known),
        skipped: node.skipped && order(node.skipped, path, known),
      };
    case "fetch": {
      const missing = neededBy(node, path).find((place) => !known.has(place));
      if (missing !== undefined) throw new Error(`@fromContext reads ${missing}, which nobody brings before`);
      return node;
    }
  }
}

/** In as many waves as it takes; one for most. */
function orderParallel(nodes: readonly PlanNode[], path: readonly string[], known: Places): PlanNode {
  const waves: PlanNode[] = [];
  let before = known;
  let waiting = [...nodes];
  while (waiting.length > 0) {
    const others = (node: PlanNode) => waiting.filter((one) => one !== node);
    const isReady = (node: PlanNode) =>
      !needsOf(node, path).some(
        (place) => !before.has(place) && others(node).some((one) => placesOf(one, path).has(place)),
      );
    const ready = waiting.filter(isReady);
    if (ready.length === 0) throw new Error("fetches that read each other's values by @fromContext");
    const wave = ready.map((node) => order(node, path, before));
    waves.push(wave.length === 1 && wave[0] ? wave[0] : { kind: "parallel", nodes: wave });
    before = new Set([...before, ...ready.flatMap((node) => [...placesOf(node, path)])]);
    waiting = waiting.filter((node) => !ready.includes(node));
  }
  return waves.length === 1 && waves[0] ? waves[0] : { kind: "sequence", nodes: waves };
}

function needsOf(node: PlanNode, path: readonly string[]): string[] {
  return visitFetches(node, path, neededBy);
}

function placesOf(node: PlanNode | undefined, path: readonly string[]): Places {
  return new Set(node ? visitFetches(node, path, (fetch, at) => [...broughtBy(fetch, at)]) : []);
}

function visitFetches(
  node: PlanNode,
  path: readonly string[],
  read: (fetch: FetchNode, path: readonly string[]) => readonly string[],
): string[] {
  if (node.kind === "flatten") return visitFetches(node.node, [...path, ...keysOf(node.path)], read);
  if (node.kind === "fetch") return [...read(node, path)];
  const children = node.kind === "condition" ? [node.included, node.skipped] : node.nodes;
  return children.flatMap((child) => (child ? visitFetches(child, path, read) : []));
}

function neededBy({ contexts = [] }: FetchNode, path: readonly string[]): string[] {
  return contexts.map(({ levels, path: below }) =>
    [...path.slice(0, path.length - levels), ...keysOf(below)].join("."),
  );
}

function keysOf(path: readonly PathSegment[]): string[] {
  return path.flatMap((segment) => (segment.kind === "field" ? [segment.key] : []));
}

const read = new WeakMap<FetchNode, readonly (readonly string[])[]>();

function broughtBy(fetch: FetchNode, path: readonly string[]): Places {
  const keys = read.get(fetch) ?? readKeys(fetch);
  read.set(fetch, keys);
  return new Set(keys.map((below) => [...path, ...below].join(".")));
}

/** The paths of all response keys that a fetch brings to its objects, as the merged data has them. */
function readKeys({ operation, requires, outputRewrites }: FetchNode): readonly (readonly string[])[] {
  const renames = new Map(
    outputRewrites.flatMap((one) =>
      one.kind === "renameKey" ? [[[...keysOf(one.path), one.key].join("."), one.newKey] as const] : [],
    ),
  );
  return fieldsOfFetch(operation, requires !== undefined).map(({ keys }) =>
    keys.map((key, at) => renames.get(keys.slice(0, at + 1).join(".")) ?? key),
  );
}
