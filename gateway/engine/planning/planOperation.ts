/** From a client's document to plans that ask for all of it, made once for every caller and kept. */
import { type DocumentNode, type GraphQLSchema, print } from "graphql";
import { LRUCache } from "lru-cache";
import type { Supergraph } from "../../supergraph/supergraph.ts";
import { type ConditionValues, findConditionVariables } from "./conditions.ts";
import { createMakePlan } from "./makePlan.ts";
import type { Planner } from "./planner.ts";
import { type PreparedOperation, prepareOperation } from "./prepareOperation.ts";
import type { QueryPlan } from "./queryPlan.ts";
import { readReservedKeys } from "./reservedKeys.ts";
import { type SelectedOperation, selectOperation } from "./selectOperation.ts";

export type PlannedOperation = { readonly operation: PreparedOperation; readonly plan: QueryPlan };

/** An operation of a document; its plan depends on which of its conditions hold. */
export type PlannedDocument = SelectedOperation & {
  readonly planFor: (coercedVariables: Readonly<Record<string, unknown>>) => Promise<PlannedOperation>;
};

export type PlanningOptions = {
  readonly supergraph: Supergraph;
  readonly schema: GraphQLSchema;
  readonly planner: Planner;
  /** Plans kept; the least recently used goes first. */
  readonly plansMax: number;
};

/** One planner, so one supergraph: what is kept cannot outlive it. */
export function createPlanOperation({ supergraph, schema, planner, plansMax }: PlanningOptions) {
  const plans = new LRUCache<string, Promise<QueryPlan>>({ max: plansMax });
  const reserved = readReservedKeys(supergraph);
  const makePlan = createMakePlan({ supergraph, schema, planner });

  const planPrepared = async (operation: PreparedOperation): Promise<PlannedOperation> => {
    if (!operation.planned) return { operation, plan: { kind: "operation", node: undefined } };
    const key = print(operation.planned);
    const plan = plans.get(key) ?? makePlan(operation.planned);
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
