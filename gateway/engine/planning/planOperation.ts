/** From a client's document to a plan that asks for all of it, made once for every caller and kept. */
import { type DocumentNode, print } from "graphql";
import { LRUCache } from "lru-cache";
import { AppError, toGraphQLError } from "../../errors.ts";
import type { Planner } from "./planner.ts";
import { type PreparedOperation, prepareOperation } from "./prepareOperation.ts";
import type { QueryPlan } from "./queryPlan.ts";
import type { ReservedKeys } from "./reservedKeys.ts";

export type PlannedOperation = { readonly operation: PreparedOperation; readonly plan: QueryPlan };

export type PlanOperation = (
  document: DocumentNode,
  operationName: string | undefined,
) => Promise<PlannedOperation>;

export type PlanningOptions = {
  readonly planner: Planner;
  readonly reserved: ReservedKeys;
  readonly plansMax: number;
};

/** One planner, so one supergraph: what is kept cannot outlive it. */
export function createPlanOperation({ planner, reserved, plansMax }: PlanningOptions): PlanOperation {
  const plans = new LRUCache<string, Promise<QueryPlan>>({ max: plansMax });
  return async (document, operationName) => {
    const operation = prepareOperation(document, operationName, reserved);
    const { planned } = operation;
    if (!planned) return { operation, plan: { kind: "operation", node: undefined } };
    const key = print(planned);
    const plan = plans.get(key) ?? makePlan(planner, planned);
    plans.set(key, plan);
    // A failure may pass (a deadline, a full queue), so it is not remembered.
    plan.catch(() => plans.delete(key));
    return { operation, plan: await plan };
  };
}

async function makePlan(planner: Planner, document: DocumentNode): Promise<QueryPlan> {
  const plan = await planner.plan(document).catch((cause: unknown) => {
    throw planningFailed(cause);
  });
  if (plan.kind === "operation" && !plan.node) throw planningFailed(new Error("the plan is empty"));
  return plan;
}

export function planningFailed(cause: unknown): Error {
  return toGraphQLError(
    new AppError("PLANNING_FAILED", 500, "No plan over the subgraphs answers all of this operation.", {
      cause,
    }),
  );
}
