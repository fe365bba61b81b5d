/** One plan: what the planner says, mended where planners are known to be wrong, and refused where it falls short. */
import { type DocumentNode, GraphQLError, type GraphQLSchema } from "graphql";
import { AppError, type GatewayErrorCode } from "../../errors.ts";
import type { Supergraph } from "../../supergraph/supergraph.ts";
import { withoutDefer } from "../deferred/deferDirective.ts";
import { createEnrichRepresentations } from "./enrichRepresentations.ts";
import { createFeedRequirements } from "./feedRequirements.ts";
import { joinMutation } from "./joinMutation.ts";
import type { Planner } from "./planner.ts";
import type { PlanNode, QueryPlan } from "./queryPlan.ts";
import { splitConflicts } from "./splitConflicts.ts";
import { splitMutation } from "./splitMutation.ts";

export type MakePlanOptions = {
  readonly supergraph: Supergraph;
  readonly schema: GraphQLSchema;
  readonly planner: Planner;
};

/**
 * Rejects with PLANNING_FAILED: no answer is better than a silently wrong one. Where the planner had no time or no room,
 * its own AppError is passed on.
 */
export function createMakePlan({ supergraph, schema, planner }: MakePlanOptions) {
  const { conflicts } = supergraph.facts;
  const enrichRepresentations = createEnrichRepresentations(supergraph.facts);
  const feedRequirements = createFeedRequirements(supergraph, schema);
  const planOne = async (document: DocumentNode): Promise<QueryPlan> => {
    const split = splitConflicts(document, schema, conflicts);
    // Parts on data of their own cannot wait for each other's fetches.
    const parts = split.length > 1 ? splitConflicts(withoutDefer(document), schema, conflicts) : split;
    return joinPlans(
      await Promise.all(parts.map(async (part) => feedRequirements(part, await planner.plan(part), planOne))),
    );
  };
  return async (document: DocumentNode): Promise<QueryPlan> => {
    try {
      const plans: QueryPlan[] = [];
      const fields = splitMutation(document);
      // One after the other: a mutation of a hundred fields must not fill the planner's queue.
      // What is deferred is read later, and may not see what the next field has changed.
      for (const [at, part] of fields.entries())
        plans.push(await planOne(at < fields.length - 1 ? withoutDefer(part) : part));
      return enrichRepresentations(plans.length === 1 && plans[0] ? plans[0] : inOrder(plans));
    } catch (cause) {
      throw cause instanceof AppError ? cause : planningFailed(cause);
    }
  };
}

/** Those of a mutation's root fields, which are operations with a node, as `joinPlans` sees to; the last may be deferred. */
function inOrder(plans: readonly QueryPlan[]): QueryPlan {
  const nodes = plans.flatMap((plan) => {
    const node = plan.kind === "operation" ? plan.node : plan.primary;
    return node ? [node] : [];
  });
  const node = joinMutation(nodes);
  const last = plans.at(-1);
  return last?.kind === "deferred" ? { ...last, primary: node } : { kind: "operation", node };
}

/** Only what is asked without effect may be asked twice. */
function joinPlans(plans: readonly QueryPlan[]): QueryPlan {
  const [first] = plans;
  if (first && plans.length === 1 && (first.kind !== "operation" || first.node)) return first;
  const nodes: PlanNode[] = [];
  for (const plan of plans) {
    if (plan.kind !== "operation" || !plan.node)
      throw new Error("the plan leaves out a part of the operation");
    if (changesSomething(plan.node)) throw new Error("conflicting @requires in a mutation or subscription");
    nodes.push(plan.node);
  }
  return { kind: "operation", node: { kind: "separate", nodes } };
}

function changesSomething(node: PlanNode): boolean {
  switch (node.kind) {
    case "sequence":
    case "parallel":
    case "separate":
      return node.nodes.some(changesSomething);
    case "flatten":
      return changesSomething(node.node);
    case "condition":
      return [node.included, node.skipped].some((child) => child && changesSomething(child));
    case "fetch":
      return node.operationKind !== "query";
  }
}

function planningFailed(cause: unknown): GraphQLError {
  return new GraphQLError("No plan over the subgraphs answers all of this operation.", {
    extensions: { code: "PLANNING_FAILED" satisfies GatewayErrorCode },
    originalError: cause instanceof Error ? cause : null,
  });
}
