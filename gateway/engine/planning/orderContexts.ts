/**
 * Apollo's planner may let a fetch start that reads a value of @fromContext beside the one that brings this value, so it would
 * be computed from nothing, silently. Here such fetches come one after the other. Throws where nobody brings the value; it
 * also happens that the planner asks for it where it is @external, or without what it @requires.
 */
import { fetchesOf } from "./fetchesOf.ts";
import { fieldsOfFetch } from "./fieldsOfFetch.ts";
import type { IsGiven } from "./givenFields.ts";
import type {
  ContextInput,
  DeferredFetches,
  FetchNode,
  PathSegment,
  PlanNode,
  QueryPlan,
} from "./queryPlan.ts";

export function orderContexts(plan: QueryPlan, isGiven: IsGiven): QueryPlan {
  if (!fetchesOf(plan).some(({ contexts }) => contexts)) return plan;
  const order = createOrder(isGiven);
  if (plan.kind === "subscription")
    return { ...plan, rest: plan.rest && order(plan.rest, [], broughtBy(plan.primary, [])) };
  if (plan.kind === "operation") return { ...plan, node: plan.node && order(plan.node, [], new Map()) };
  const primary = plan.primary && order(plan.primary, [], new Map());
  const orderDeferred = (fetches: DeferredFetches, known: Brought): DeferredFetches => {
    const node = fetches.node && order(fetches.node, [], known);
    const inside = join(known, broughtIn(node, []));
    return { ...fetches, node, deferred: fetches.deferred.map((one) => orderDeferred(one, inside)) };
  };
  const known = broughtIn(primary, []);
  return { ...plan, primary, deferred: plan.deferred.map((one) => orderDeferred(one, known)) };
}

/** Who brings what, by place of the answer: keys joined by dots, types and lists on the way left out. */
type Brought = ReadonlyMap<string, readonly Bringer[]>;

type Bringer = { readonly subgraph: string; readonly isOfEntity: boolean };

/** `known` is brought before this node starts. */
type Order = (node: PlanNode, path: readonly string[], known: Brought) => PlanNode;

function createOrder(isGiven: IsGiven): Order {
  const has = (known: Brought, { place, typeName, fieldName }: Needed): boolean =>
    (known.get(place) ?? []).some(
      (bringer) => typeName === undefined || isGiven({ ...bringer, typeName, fieldName }),
    );
  /** In as many waves as it takes; one for most. */
  const orderParallel = (nodes: readonly PlanNode[], path: readonly string[], known: Brought): PlanNode => {
    const waves: PlanNode[] = [];
    let before = known;
    let waiting = [...nodes];
    while (waiting.length > 0) {
      const isReady = (node: PlanNode): boolean =>
        neededIn(node, path).every(
          (needed) =>
            has(before, needed) ||
            !waiting.some((other) => other !== node && has(broughtIn(other, path), needed)),
        );
      const ready = waiting.filter(isReady);
      if (ready.length === 0) throw new Error("fetches that read each other's values by @fromContext");
      const wave = ready.map((node) => order(node, path, before));
      waves.push(wave.length === 1 && wave[0] ? wave[0] : { kind: "parallel", nodes: wave });
      for (const node of ready) before = join(before, broughtIn(node, path));
      waiting = waiting.filter((node) => !ready.includes(node));
    }
    return waves.length === 1 && waves[0] ? waves[0] : { kind: "sequence", nodes: waves };
  };
  const order: Order = (node, path, known) => {
    switch (node.kind) {
      case "sequence": {
        let before = known;
        const nodes = node.nodes.map((child) => {
          const ordered = order(child, path, before);
          before = join(before, broughtIn(child, path));
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
        const missing = neededBy(node, path).find((needed) => !has(known, needed));
        if (missing) throw new Error(`@fromContext reads ${missing.place}, which nobody brings before`);
        return node;
      }
    }
  };
  return order;
}

/** A value that is read: its place, and the first field on the way to it from the object above. */
type Needed = { readonly place: string; readonly typeName: string | undefined; readonly fieldName: string };

function neededIn(node: PlanNode, path: readonly string[]): Needed[] {
  return visitFetches(node, path, neededBy);
}

function neededBy({ contexts = [], requires }: FetchNode, path: readonly string[]): Needed[] {
  const [own] = requires ?? [];
  return contexts.map(({ levels, path: below }) => {
    const keys = keysOf(below);
    const ownType = levels === 0 && own?.kind === "type" ? own.name : undefined;
    return {
      place: [...path.slice(0, path.length - levels), ...keys].join("."),
      typeName: firstType(below) ?? ownType,
      fieldName: keys[0] ?? "",
    };
  });
}

function firstType([first]: ContextInput["path"]): string | undefined {
  return first?.kind === "type" ? first.names[0] : undefined;
}

function broughtIn(node: PlanNode | undefined, path: readonly string[]): Brought {
  const all = node ? visitFetches(node, path, (fetch, at) => [broughtBy(fetch, at)]) : [];
  return all.reduce(join, new Map());
}

function join(one: Brought, other: Brought): Brought {
  const joined = new Map(one);
  for (const [place, bringers] of other) joined.set(place, [...(joined.get(place) ?? []), ...bringers]);
  return joined;
}

function visitFetches<Found>(
  node: PlanNode,
  path: readonly string[],
  read: (fetch: FetchNode, path: readonly string[]) => readonly Found[],
): Found[] {
  if (node.kind === "flatten") return visitFetches(node.node, [...path, ...keysOf(node.path)], read);
  if (node.kind === "fetch") return [...read(node, path)];
  const children = node.kind === "condition" ? [node.included, node.skipped] : node.nodes;
  return children.flatMap((child) => (child ? visitFetches(child, path, read) : []));
}

function keysOf(path: readonly PathSegment[]): string[] {
  return path.flatMap((segment) => (segment.kind === "field" ? [segment.key] : []));
}

const keysRead = new WeakMap<FetchNode, readonly (readonly string[])[]>();

function broughtBy(fetch: FetchNode, path: readonly string[]): Brought {
  const keys = keysRead.get(fetch) ?? readKeys(fetch);
  keysRead.set(fetch, keys);
  return new Map(
    keys.map((below) => {
      const isOfEntity = fetch.requires !== undefined && below.length === 1;
      return [[...path, ...below].join("."), [{ subgraph: fetch.subgraph, isOfEntity }]];
    }),
  );
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
