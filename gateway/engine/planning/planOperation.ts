/** From a client's document to plans that ask for all of it, made once for every caller and kept. */
import { type DocumentNode, GraphQLError, print } from "graphql";
import { LRUCache } from "lru-cache";
import type { GatewayErrorCode } from "../../errors.ts";
import { type ConditionValues, findConditionVariables } from "./conditions.ts";
import type { Planner } from "./planner.ts";
import { type PreparedOperation, prepareOperation } from "./prepareOperation.ts";
import type { QueryPlan } from "./queryPlan.ts";
import type { ReservedKeys } from "./reservedKeys.ts";
import { type SelectedOperation, selectOperation } from "./selectOperation.ts";

export type PlannedOperation = { readonly operation: PreparedOperation; readonly plan: QueryPlan };

/** An operation of a document; its plan depends on which of its conditions hold. */
export type PlannedDocument = SelectedOperation & {
  readonly planFor: (coercedVariables: Readonly<Record<string, unknown>>) => Promise<PlannedOperation>;
};

export type PlanningOptions = {
  readonly planner: Planner;
  readonly reserved: ReservedKeys;
  /** Plans kept; the least recently used goes first. */
  readonly plansMax: number;
};

/** One planner, so one supergraph: what is kept cannot outlive it. */
export function createPlanOperation({ planner, reserved, plansMax }: PlanningOptions) {
  const plans = new LRUCache<string, Promise<QueryPlan>>({ max: plansMax });

  const planPrepared = async (operation: PreparedOperation): Promise<PlannedOperation> => {
    if (!operation.planned) return { operation, plan: { kind: "operation", node: undefined } };
    const key = print(operation.planned);
    const plan = plans.get(key) ?? makePlan(planner, operation.planned);
    plans.set(key, plan);
    // A failure may pass (a deadline, a full queue), so it is not remembered.
    plan.catch(() => plans.delete(key));
    return { operation, plan: await plan };
  };

  return async (document: DocumentNode, operationName: string | undefined): Promise<PlannedDocument> => {
    const selected = selectOperation(document, operationName);
    const names = findConditionVariables(selected.document);
    const variants = new Map<string, Promise<PlannedOperation>>();
    const planFor: PlannedDocument["planFor"] = (variables) => {
      const values: ConditionValues = new Map(names.map((name) => [name, variables[name] === true]));
      const key = [...values.values()].join();
      const known = variants.get(key);
      if (known) return known;
      const planned = planPrepared(prepareOperation(selected, values, reserved));
      variants.set(key, planned);
      planned.catch(() => variants.delete(key));
      return planned;
    };
    // Without conditions there is one plan, and whether there is must be known now.
    if (names.length === 0) await planFor({});
    return { ...selected, planFor };
  };
}

async function makePlan(planner: Planner, document: DocumentNode): Promise<QueryPlan> {
  const plan = await planner.plan(document).catch((cause: unknown) => {
    throw planningFailed(cause);
  });
  if (plan.kind === "operation" && !plan.node) throw planningFailed(new Error("the plan is empty"));
  return plan;
}

function planningFailed(cause: unknown): GraphQLError {
  return new GraphQLError("No plan over the subgraphs answers all of this operation.", {
    extensions: { code: "PLANNING_FAILED" satisfies GatewayErrorCode },
    originalError: cause instanceof Error ? cause : null,
  });
}
