/** The plan of Hive Router's planner in our words. Path segments and rewrites are tagged objects there. */
import type {
  BatchFetchNode,
  FetchNodePathSegment,
  FetchRewrite,
  FlattenNodePathSegment,
  FetchNode as HiveFetchNode,
  PlanNode as HivePlanNode,
  QueryPlan as HiveQueryPlan,
  RequiresSelection,
} from "@graphql-hive/router-query-planner";
import { findDelivered } from "./findDelivered.ts";
import type { FetchNode, PathSegment, PlanNode, QueryPlan, RequiredSelection, Rewrite } from "./queryPlan.ts";
import { splitBatch } from "./splitBatch.ts";

export function convertHivePlan({ node }: HiveQueryPlan): QueryPlan {
  const [first, ...rest] = node?.kind === "Sequence" ? node.nodes : node ? [node] : [];
  if (first?.kind !== "Subscription") return { kind: "operation", node: node && convertNode(node) };
  const completing = rest.length > 0 ? convertNode({ kind: "Sequence", nodes: rest }) : undefined;
  return { kind: "subscription", primary: convertFetch(first.primary), rest: completing };
}

function convertNode(node: HivePlanNode): PlanNode {
  switch (node.kind) {
    case "Sequence":
      return { kind: "sequence", nodes: node.nodes.map(convertNode) };
    case "Parallel":
      return { kind: "parallel", nodes: node.nodes.map(convertNode) };
    case "Flatten":
      return { kind: "flatten", path: node.path.map(convertStep), node: convertNode(node.node) };
    case "Condition":
      return {
        kind: "condition",
        variable: node.condition,
        included: node.ifClause && convertNode(node.ifClause),
        skipped: node.elseClause && convertNode(node.elseClause),
      };
    case "Fetch":
      return convertFetch(node);
    case "BatchFetch":
      return convertBatch(node);
    case "Subscription":
    case "Defer":
      throw new Error(`the planner made a ${node.kind} node where none was asked for`);
  }
}

function convertFetch(node: HiveFetchNode): FetchNode {
  return {
    kind: "fetch",
    subgraph: node.serviceName,
    operationKind: node.operationKind ?? "query",
    operation: node.operation,
    operationName: node.operationName,
    variables: (node.variableUsages ?? []).filter((name) => name !== "representations"),
    requires: node.requires?.map(convertRequired),
    delivers: findDelivered(node.operation, node.requires !== undefined),
    inputRewrites: (node.inputRewrites ?? []).map(convertRewrite),
    outputRewrites: (node.outputRewrites ?? []).map(convertRewrite),
  };
}

/** Several entity fetches of one subgraph in one operation. Our executor knows one at a time, so it is taken apart. */
function convertBatch({ entityBatch, ...node }: BatchFetchNode): PlanNode {
  const nodes = entityBatch.aliases.flatMap(({ alias, representationsVariableName, paths, ...batched }) => {
    const { operation, variables } = splitBatch(node.operation, alias, representationsVariableName);
    const fetch = convertFetch({ ...node, ...batched, kind: "Fetch", operation, variableUsages: variables });
    return paths.map((path): PlanNode => ({ kind: "flatten", path: path.map(convertStep), node: fetch }));
  });
  return { kind: "parallel", nodes };
}

function convertStep(segment: FlattenNodePathSegment): PathSegment {
  if (segment === "@") return { kind: "items" };
  return "Field" in segment
    ? { kind: "field", key: segment.Field }
    : { kind: "type", names: segment.TypeCondition };
}

function convertRequired(node: RequiresSelection): RequiredSelection {
  if (node.kind === "FragmentSpread")
    throw new Error("a requirement spreads a fragment, which it cannot have");
  if (node.kind === "Field")
    return { kind: "field", key: node.alias ?? node.name, selections: node.selections?.map(convertRequired) };
  if (node.skipIf !== undefined || node.includeIf !== undefined)
    throw new Error("a requirement depends on a condition");
  return { kind: "type", name: node.typeCondition, selections: node.selections.map(convertRequired) };
}

function convertRewrite(rewrite: FetchRewrite): Rewrite {
  if ("KeyRenamer" in rewrite) {
    const { path, renameKeyTo } = rewrite.KeyRenamer;
    return { kind: "renameKey", ...convertTarget(path), newKey: renameKeyTo };
  }
  const { path, setValueTo } = "ValueSetter" in rewrite ? rewrite.ValueSetter : rewrite;
  return { kind: "setValue", ...convertTarget(path), value: setValueTo };
}

function convertTarget(path: readonly FetchNodePathSegment[]) {
  const last = path.at(-1);
  if (!last || !("Key" in last)) throw new Error("a rewrite must end at a key");
  const segments = path
    .slice(0, -1)
    .map(
      (segment): PathSegment =>
        "Key" in segment
          ? { kind: "field", key: segment.Key }
          : { kind: "type", names: segment.TypenameEquals },
    );
  return { path: segments, key: last.Key };
}
