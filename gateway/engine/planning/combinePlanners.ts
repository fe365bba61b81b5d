/** A fast planner whose plans are checked, and another that is asked where the first has none or leaves something out. */
import type { DocumentNode } from "graphql";
import type { Planner } from "./planner.ts";
import type { QueryPlan } from "./queryPlan.ts";

export type CombinedPlanners = {
  readonly first: Planner;
  readonly second: Planner;
  /** What is wrong with a plan of the first; undefined when nothing is. */
  readonly findFault: (document: DocumentNode, plan: QueryPlan) => string | undefined;
  /** Why the second was asked. */
  readonly onSecond?: (reason: string) => void;
};

export function combinePlanners({ first, second, findFault, onSecond }: CombinedPlanners): Planner {
  const planWithFirst = async (
    document: DocumentNode,
  ): Promise<QueryPlan | { readonly kind: "none"; reason: string }> => {
    try {
      const plan = await first.plan(document);
      const fault = findFault(document, plan);
      return fault === undefined ? plan : { kind: "none", reason: fault };
    } catch (thrown) {
      return { kind: "none", reason: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  };
  return {
    plan: async (document) => {
      const plan = await planWithFirst(document);
      if (plan.kind !== "none") return plan;
      onSecond?.(plan.reason);
      return second.plan(document);
    },
  };
}
