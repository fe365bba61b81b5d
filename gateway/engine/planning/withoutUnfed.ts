/** A plan without the fields that a subgraph is asked to compute and not given what it needs for. */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
} from "graphql";
import { findDelivered } from "./findDelivered.ts";
import type { FetchNode, PlanNode, QueryPlan } from "./queryPlan.ts";
import type { RequirementChains } from "./requirementChains.ts";
import { TYPENAME } from "./typename.ts";

/** Undefined where every field is given what it needs. */
export function withoutUnfed(plan: UndeferredPlan, chains: RequirementChains): UndeferredPlan | undefined {
  let isFound = false;
  const strip = (fetch: FetchNode): FetchNode => {
    const stripped = stripFetch(fetch, chains);
    if (stripped) isFound = true;
    return stripped ?? fetch;
  };
  const stripped: UndeferredPlan =
    plan.kind === "operation"
      ? { ...plan, node: plan.node && mapFetches(plan.node, strip) }
      : { ...plan, primary: strip(plan.primary), rest: plan.rest && mapFetches(plan.rest, strip) };
  return isFound ? stripped : undefined;
}

export type UndeferredPlan = Exclude<QueryPlan, { kind: "deferred" }>;

export function isUnfed(fetch: FetchNode, chains: RequirementChains): boolean {
  return stripFetch(fetch, chains) !== undefined;
}

function mapFetches(node: PlanNode, change: (fetch: FetchNode) => FetchNode): PlanNode {
  switch (node.kind) {
    case "sequence":
    case "parallel":
    case "separate":
      return { ...node, nodes: node.nodes.map((child) => mapFetches(child, change)) };
    case "flatten":
      return { ...node, node: mapFetches(node.node, change) };
    case "condition":
      return {
        ...node,
        included: node.included && mapFetches(node.included, change),
        skipped: node.skipped && mapFetches(node.skipped, change),
      };
    case "fetch":
      return change(node);
  }
}

type Stripping = {
  readonly chains: RequirementChains;
  readonly subgraph: string;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** How many fields were taken out. */
  count: number;
};

/** What was sent of the objects at hand, by type; nothing where they came with the answer. */
type Sent = (typeName: string) => ReadonlySet<string>;

function stripFetch(fetch: FetchNode, chains: RequirementChains): FetchNode | undefined {
  const document = parse(fetch.operation, { noLocation: true });
  const fragments = new Map(
    document.definitions.flatMap((part) =>
      part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part] as const] : [],
    ),
  );
  const stripping: Stripping = { chains, subgraph: fetch.subgraph, fragments, count: 0 };
  const definitions = document.definitions.flatMap((part) => {
    if (part.kind !== Kind.OPERATION_DEFINITION) return [];
    const rootName = ROOTS[part.operation];
    const selectionSet = fetch.requires
      ? stripEntities(part.selectionSet, stripping, sentIn(fetch, chains))
      : stripSet(part.selectionSet, rootName, stripping, NOTHING);
    return [{ ...part, selectionSet }];
  });
  if (stripping.count === 0) return undefined;
  const operation = stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions }));
  return { ...fetch, operation, delivers: findDelivered(operation, fetch.requires !== undefined) };
}

const ROOTS = { query: "Query", mutation: "Mutation", subscription: "Subscription" };
const NOTHING: Sent = () => new Set();

function sentIn({ requires = [] }: FetchNode, { possible }: RequirementChains): Sent {
  return (typeName) =>
    new Set(
      requires.flatMap((required) =>
        required.kind === "type" && possible(required.name).includes(typeName)
          ? required.selections.flatMap((input) => (input.kind === "field" ? [input.key] : []))
          : [],
      ),
    );
}

function stripEntities(set: SelectionSetNode, stripping: Stripping, sent: Sent): SelectionSetNode {
  const selections = set.selections.map(
    (selection): SelectionNode =>
      selection.kind === Kind.FIELD && selection.selectionSet
        ? { ...selection, selectionSet: stripSet(selection.selectionSet, "_Entity", stripping, sent) }
        : selection,
  );
  return { ...set, selections };
}

function stripSet(
  set: SelectionSetNode,
  typeName: string,
  stripping: Stripping,
  sent: Sent,
): SelectionSetNode {
  const taken = takenFrom(set, typeName, stripping, sent);
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) {
      if (taken.has(selection.name.value)) {
        stripping.count += 1;
        return [];
      }
      const inner = stripping.chains.typeOf(typeName, selection.name.value);
      if (!selection.selectionSet || inner === undefined) return [selection];
      return [{ ...selection, selectionSet: stripSet(selection.selectionSet, inner, stripping, NOTHING) }];
    }
    const body =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : stripping.fragments.get(selection.name.value);
    if (!body) return [selection];
    const condition = body.typeCondition;
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        ...(condition ? { typeCondition: condition } : {}),
        directives: selection.directives ?? [],
        selectionSet: stripSet(body.selectionSet, condition?.name.value ?? typeName, stripping, sent),
      },
    ];
  });
  return { ...set, selections: selections.length > 0 ? selections : [TYPENAME] };
}

/** Fields that are not given what they need here, and what was asked of the subgraph in its place. */
function takenFrom(
  { selections }: SelectionSetNode,
  typeName: string,
  { chains, subgraph }: Stripping,
  sent: Sent,
): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const { name } of selections.filter((one): one is FieldNode => one.kind === Kind.FIELD))
    for (const type of chains.possible(typeName)) {
      const needs = chains.needy.get(`${type}.${name.value}`)?.get(subgraph);
      if (!needs || [...needs].every((need) => sent(type).has(need))) continue;
      taken.add(name.value);
      // What it needs is @external there, and was asked of it all the same.
      for (const need of needs) if (!chains.isKey(subgraph, type, need)) taken.add(need);
    }
  return taken;
}
