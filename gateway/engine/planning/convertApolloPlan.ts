/** Apollo's plan tree in our words. Paths are strings there: `@` for a list, `... on T` and `|[A,B]` for types. */
import type {
  DeferredNode as ApolloDeferredNode,
  FetchNode as ApolloFetchNode,
  PlanNode as ApolloPlanNode,
  QueryPlan as ApolloQueryPlan,
  FetchDataRewrite,
  QueryPlanSelectionNode,
} from "@apollo/query-planner";
import { Kind } from "graphql";
import { type FetchedField, fieldsOfFetch } from "./fieldsOfFetch.ts";
import { findDelivered } from "./findDelivered.ts";
import type {
  ContextInput,
  DeferredFetches,
  FetchNode,
  PathSegment,
  PlanNode,
  QueryPlan,
  RequiredSelection,
  Rewrite,
} from "./queryPlan.ts";

export function convertApolloPlan({ node }: ApolloQueryPlan): QueryPlan {
  if (node?.kind === "Subscription")
    return { kind: "subscription", primary: convertFetch(node.primary), rest: convertOptional(node.rest) };
  if (node?.kind === "Defer")
    return {
      kind: "deferred",
      primary: convertOptional(node.primary.node),
      deferred: node.deferred.map(convertDeferred),
    };
  return { kind: "operation", node: convertOptional(node) };
}

/** Within a deferred fragment, what is deferred further comes as another Defer node. */
function convertDeferred({ label, depends, node }: ApolloDeferredNode): DeferredFetches {
  if (label === undefined)
    throw new Error("a deferred fragment came back without the label that it was given");
  const after = depends.map(({ id }) => id);
  if (node?.kind !== "Defer") return { label, after, node: convertOptional(node), deferred: [] };
  return {
    label,
    after,
    node: convertOptional(node.primary.node),
    deferred: node.deferred.map(convertDeferred),
  };
}

function convertOptional(node: ApolloPlanNode | undefined): PlanNode | undefined {
  return node ? convertNode(node) : undefined;
}

function convertNode(node: ApolloPlanNode): PlanNode {
  switch (node.kind) {
    case "Sequence":
      return { kind: "sequence", nodes: node.nodes.map(convertNode) };
    case "Parallel":
      return { kind: "parallel", nodes: node.nodes.map(convertNode) };
    case "Flatten":
      return {
        kind: "flatten",
        path: node.path.flatMap((part) => convertPathPart(String(part))),
        node: convertNode(node.node),
      };
    case "Condition":
      return {
        kind: "condition",
        variable: node.condition,
        included: convertOptional(node.ifClause),
        skipped: convertOptional(node.elseClause),
      };
    case "Fetch":
      return convertFetch(node);
    case "Defer":
      throw new Error("a Defer node stands below another node");
  }
}

function convertFetch(node: ApolloFetchNode): FetchNode {
  const contexts = convertContexts(node);
  return {
    kind: "fetch",
    ...(node.id === undefined ? {} : { id: node.id }),
    subgraph: node.serviceName,
    operationKind: node.operationKind,
    operation: node.operation,
    operationName: node.operationName,
    variables: (node.variableUsages ?? []).filter((name) => !contexts?.some((one) => one.variable === name)),
    requires: node.requires?.map(convertRequired),
    delivers: findDelivered(node.operation, node.requires !== undefined),
    ...(contexts ? { contexts } : {}),
    inputRewrites: (node.inputRewrites ?? []).map(convertRewrite),
    outputRewrites: (node.outputRewrites ?? []).map(convertRewrite),
  };
}

/** `..` goes up to the object that has the field, over lists. */
function convertContexts({
  contextRewrites,
  operation,
  requires,
}: ApolloFetchNode): ContextInput[] | undefined {
  if (!contextRewrites?.length) return undefined;
  const fields = fieldsOfFetch(operation, requires !== undefined);
  return contextRewrites.map(({ path, renameKeyTo: variable }) => {
    const levels = path.filter((part) => part === "..").length;
    const usedAt = fields.filter(({ field }) => takes(field, variable)).map(({ keys }) => keys);
    return { variable, levels, path: path.slice(levels).flatMap(convertPathPart), usedAt };
  });
}

/** The planner adds such an argument by itself, with nothing around the variable. */
function takes({ arguments: args = [] }: FetchedField["field"], variable: string): boolean {
  return args.some(({ value }) => value.kind === Kind.VARIABLE && value.name.value === variable);
}

function convertRequired(node: QueryPlanSelectionNode): RequiredSelection {
  if (node.kind === "Field")
    return { kind: "field", key: node.alias ?? node.name, selections: node.selections?.map(convertRequired) };
  if (node.typeCondition === undefined) throw new Error("a required fragment must name its type");
  return { kind: "type", name: node.typeCondition, selections: node.selections.map(convertRequired) };
}

function convertRewrite(rewrite: FetchDataRewrite): Rewrite {
  const path = rewrite.path.slice(0, -1).flatMap(convertPathPart);
  const key = rewrite.path.at(-1) ?? "";
  return rewrite.kind === "ValueSetter"
    ? { kind: "setValue", path, key, value: rewrite.setValueTo }
    : { kind: "renameKey", path, key, newKey: rewrite.renameKeyTo };
}

function convertPathPart(part: string): PathSegment[] {
  // Of deferred root fields: the root itself.
  if (part === "") return [];
  if (part.startsWith("... on ")) return [{ kind: "type", names: [part.slice("... on ".length)] }];
  const [key = "", types] = part.split("|");
  const step: PathSegment = key === "@" ? { kind: "items" } : { kind: "field", key };
  return types === undefined ? [step] : [step, { kind: "type", names: types.slice(1, -1).split(",") }];
}
