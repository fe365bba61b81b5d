/**
 * Plans deferred fragments with Apollo's planner, which splits fetches at entities and at the root; Hive's does not know
 * `@defer`. A plan that leaves something out is not used: then the operation is planned as if nothing were deferred,
 * which is always an answer to it.
 */
import type { DocumentNode } from "graphql";
import { hasDefer, withoutDefer } from "../deferred/deferDirective.ts";
import type { CombinedPlanners } from "./combinePlanners.ts";
import { fetchesIn } from "./fetchesOf.ts";
import type { Planner } from "./planner.ts";
import type { DeferredFetches, QueryPlan } from "./queryPlan.ts";

type Options = {
  readonly deferring: Planner;
  readonly whole: Planner;
  readonly findFault: CombinedPlanners["findFault"];
};

export function createDeferPlanner({ deferring, whole, findFault }: Options): Planner {
  const planDeferred = async (document: DocumentNode): Promise<QueryPlan | undefined> => {
    try {
      const plan = await deferring.plan(document);
      const asking = findAskingAgain(plan);
      if (asking.size > 0) return planAll(withoutDefer(document, asking));
      return findFault(document, plan) === undefined ? plan : undefined;
    } catch {
      return undefined;
    }
  };
  const planAll = async (document: DocumentNode): Promise<QueryPlan> => {
    if (!hasDefer(document)) return whole.plan(document);
    return (await planDeferred(document)) ?? whole.plan(withoutDefer(document));
  };
  return { plan: planAll };
}

/**
 * Labels of fragments whose fetches go back to a subgraph that ran a mutation. What a mutation answers may be seen there
 * alone: asked again by its key, the object can be another one.
 */
function findAskingAgain(plan: QueryPlan): ReadonlySet<string> {
  const asking = new Set<string>();
  if (plan.kind !== "deferred") return asking;
  const mutated = new Set(
    fetchesIn(plan.primary)
      .filter(({ operationKind }) => operationKind === "mutation")
      .map(({ subgraph }) => subgraph),
  );
  const visitAll = (all: readonly DeferredFetches[]): void => {
    for (const { label, node, deferred } of all) {
      if (fetchesIn(node).some(({ subgraph }) => mutated.has(subgraph))) asking.add(label);
      visitAll(deferred);
    }
  };
  visitAll(plan.deferred);
  return asking;
}
