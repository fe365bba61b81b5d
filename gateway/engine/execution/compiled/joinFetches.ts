/**
 * Joins fetches that ask one subgraph about the same objects: where one of them has to wait for other answers and nobody
 * waits for the other, the two are one request. The answer as a whole is there no later.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  stripIgnoredCharacters,
} from "graphql";
import type { FetchNode, PlanNode } from "../../planning/queryPlan.ts";

export type JoinedPlan = {
  readonly node: PlanNode | undefined;
  /** The fetches that a joined one is made of. */
  readonly partsOf: ReadonlyMap<FetchNode, readonly FetchNode[]>;
};

export function joinFetches(node: PlanNode | undefined): JoinedPlan {
  const partsOf = new Map<FetchNode, readonly FetchNode[]>();
  return { node: node && joinIn(node, partsOf), partsOf };
}

type Parts = Map<FetchNode, readonly FetchNode[]>;

function joinIn(node: PlanNode, parts: Parts): PlanNode {
  switch (node.kind) {
    case "sequence":
      return { ...node, nodes: node.nodes.map((child) => joinIn(child, parts)) };
    case "parallel":
      return joinParallel(
        node.nodes.map((child) => joinIn(child, parts)),
        parts,
      );
    default:
      return node;
  }
}

function joinParallel(nodes: readonly PlanNode[], parts: Parts): PlanNode {
  const kept = [...nodes];
  for (const node of nodes) {
    const fetch = entityFetch(node);
    if (!fetch) continue;
    for (const [at, other] of kept.entries()) {
      if (other === node) continue;
      const joined = joinInto(other, node, fetch, parts);
      if (!joined) continue;
      kept[at] = joined;
      kept.splice(kept.indexOf(node), 1);
      break;
    }
  }
  const [only] = kept;
  return kept.length === 1 && only ? only : { kind: "parallel", nodes: kept };
}

type Flatten = Extract<PlanNode, { kind: "flatten" }>;

function entityFetch(node: PlanNode): FetchNode | undefined {
  return node.kind === "flatten" && node.node.kind === "fetch" && node.node.operationKind === "query"
    ? node.node
    : undefined;
}

/** `into` with the fetch in it; undefined when nothing in it is about the same objects of the same subgraph. */
function joinInto(into: PlanNode, node: PlanNode, fetch: FetchNode, parts: Parts): PlanNode | undefined {
  if (into.kind === "sequence") {
    for (const [at, child] of into.nodes.entries()) {
      const joined = joinInto(child, node, fetch, parts);
      if (joined) return { ...into, nodes: into.nodes.with(at, joined) };
    }
    return undefined;
  }
  const other = entityFetch(into);
  if (!other || other.subgraph !== fetch.subgraph || pathOf(into) !== pathOf(node)) return undefined;
  const joined = joinPair(other, fetch);
  if (!joined) return undefined;
  parts.set(
    joined,
    [other, fetch].flatMap((one) => parts.get(one) ?? [one]),
  );
  // A flatten, because it has an entity fetch.
  return { ...(into as Flatten), node: joined };
}

function pathOf(node: PlanNode): string {
  return node.kind === "flatten" ? JSON.stringify(node.path) : "";
}

/** Undefined when they may mean different things by one name. */
function joinPair(one: FetchNode, other: FetchNode): FetchNode | undefined {
  if (one.delivers.some((key) => key !== "__typename" && other.delivers.includes(key))) return undefined;
  if ([one, other].some((fetch) => fetch.outputRewrites.length + fetch.inputRewrites.length > 0))
    return undefined;
  const documents = [parse(one.operation, NO_LOCATION), parse(other.operation, NO_LOCATION)];
  const fragments = joinFragments(documents);
  const [first, second] = documents.map(operationOf);
  if (!first || !second || !fragments) return undefined;
  const selections = [...entitySelections(first), ...entitySelections(second)];
  const [root] = first.selectionSet.selections;
  if (root?.kind !== Kind.FIELD || selections.length === 0) return undefined;
  const operation: OperationDefinitionNode = {
    ...first,
    variableDefinitions: joinByName(
      [...(first.variableDefinitions ?? []), ...(second.variableDefinitions ?? [])],
      ({ variable }) => variable.name.value,
    ),
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [{ ...root, selectionSet: { kind: Kind.SELECTION_SET, selections } }],
    },
  };
  const text = print({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments] });
  return {
    ...one,
    operation: stripIgnoredCharacters(text),
    variables: [...new Set([...one.variables, ...other.variables])],
    requires: [...(one.requires ?? []), ...(other.requires ?? [])],
    delivers: [...new Set([...one.delivers, ...other.delivers])],
  };
}

const NO_LOCATION = { noLocation: true };

function operationOf({ definitions }: DocumentNode): OperationDefinitionNode | undefined {
  return definitions.find((part) => part.kind === Kind.OPERATION_DEFINITION);
}

function entitySelections({
  selectionSet: { selections },
}: OperationDefinitionNode): readonly SelectionNode[] {
  const [only] = selections;
  return selections.length === 1 && only?.kind === Kind.FIELD && !only.alias
    ? (only.selectionSet?.selections ?? [])
    : [];
}

/** Undefined when two of one name differ. */
function joinFragments(documents: readonly DocumentNode[]): FragmentDefinitionNode[] | undefined {
  const all = documents.flatMap(({ definitions }) =>
    definitions.filter((part) => part.kind === Kind.FRAGMENT_DEFINITION),
  );
  const joined = joinByName(all, ({ name }) => name.value);
  const texts = new Map(joined.map((fragment) => [fragment.name.value, print(fragment)]));
  return all.every((fragment) => texts.get(fragment.name.value) === print(fragment)) ? joined : undefined;
}

function joinByName<Node>(nodes: readonly Node[], nameOf: (node: Node) => string): Node[] {
  return [...new Map(nodes.map((node) => [nameOf(node), node])).values()];
}
