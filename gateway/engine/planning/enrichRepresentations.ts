/**
 * What the executor has to know beside the plan itself: which fields are computed from what is sent (`findComputed.ts`),
 * and keys. Apollo's planner may re-enter a subgraph with a key that the subgraph declares `resolvable: false`. Where a fetch sends
 * no resolvable key of its subgraph, whatever is already known of those keys is sent along.
 */
import { Kind, type SelectionSetNode } from "graphql";
import { readFieldSet } from "../../supergraph/readFieldSet.ts";
import type { SupergraphFacts } from "../../supergraph/supergraph.ts";
import { createFindComputed } from "./findComputed.ts";
import type { DeferredFetches, PlanNode, QueryPlan, RequiredSelection } from "./queryPlan.ts";

export type EnrichRepresentations = (plan: QueryPlan) => QueryPlan;

export function createEnrichRepresentations({
  resolvableKeys,
  requirements,
}: Pick<SupergraphFacts, "resolvableKeys" | "requirements">): EnrichRepresentations {
  const findComputed = createFindComputed(requirements);
  const keysOf = (subgraph: string, typeName: string) =>
    (resolvableKeys.get(subgraph)?.get(typeName) ?? []).map((key) => toOptional(readFieldSet(key)));
  const enrich = (node: PlanNode): PlanNode => {
    switch (node.kind) {
      case "sequence":
      case "parallel":
      case "separate":
        return { ...node, nodes: node.nodes.map(enrich) };
      case "flatten":
        return { ...node, node: enrich(node.node) };
      case "condition":
        return { ...node, included: enrichOptional(node.included), skipped: enrichOptional(node.skipped) };
      case "fetch":
        return {
          ...node,
          requires: node.requires?.map((required) => addKeys(required, node.subgraph, keysOf)),
          ...(node.requires ? findComputed(node) : {}),
        };
    }
  };
  const enrichOptional = (node: PlanNode | undefined) => node && enrich(node);
  const enrichDeferred = (fetches: DeferredFetches): DeferredFetches => ({
    ...fetches,
    node: enrichOptional(fetches.node),
    deferred: fetches.deferred.map(enrichDeferred),
  });
  return (plan) => {
    switch (plan.kind) {
      case "operation":
        return { ...plan, node: enrichOptional(plan.node) };
      case "subscription":
        return { ...plan, rest: enrichOptional(plan.rest) };
      case "deferred":
        return {
          ...plan,
          primary: enrichOptional(plan.primary),
          deferred: plan.deferred.map(enrichDeferred),
        };
    }
  };
}

function addKeys(
  required: RequiredSelection,
  subgraph: string,
  keysOf: (subgraph: string, typeName: string) => RequiredSelection[][],
): RequiredSelection {
  if (required.kind !== "type") return required;
  const keys = keysOf(subgraph, required.name);
  if (keys.length === 0 || keys.some((key) => covers(required.selections, key))) return required;
  return { ...required, selections: [...required.selections, ...keys.flat()] };
}

function toOptional(set: SelectionSetNode): RequiredSelection[] {
  return set.selections.flatMap((selection): RequiredSelection[] => {
    if (selection.kind !== Kind.FIELD) return [];
    const selections = selection.selectionSet && toOptional(selection.selectionSet);
    return [{ kind: "field", key: selection.name.value, selections, optional: true }];
  });
}

function covers(given: readonly RequiredSelection[], key: readonly RequiredSelection[]): boolean {
  return key.every((needed) =>
    given.some(
      (field) =>
        field.kind === "field" &&
        needed.kind === "field" &&
        field.key === needed.key &&
        covers(field.selections ?? [], needed.selections ?? []),
    ),
  );
}
