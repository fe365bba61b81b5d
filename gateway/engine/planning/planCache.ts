/**
 * The plans of one supergraph, by normalised operation; its conditions are decided in that text already. Bounded in
 * count and size, the least recently used goes first. It lives and ends with its engine, so no plan outlives its
 * supergraph.
 */
import { LRUCache } from "lru-cache";
import type { QueryPlan } from "./queryPlan.ts";

export type PlanCacheLimits = {
  /** Plans kept. */
  readonly plansMax: number;
  /** Characters of all plans kept, printed as JSON. A plan beyond it is used and not kept. */
  readonly sizeMax: number;
};

export type PlanCache = {
  /** Makes the plan when it is not kept, once however many ask meanwhile. A failure may pass, so it is not remembered. */
  readonly get: (operation: string, make: () => Promise<QueryPlan>) => Promise<QueryPlan>;
  readonly has: (operation: string) => boolean;
  /** The operations that were asked for most often, most first. */
  readonly mostUsed: (count: number) => readonly string[];
};

type KeptPlan = { readonly plan: QueryPlan; readonly size: number; uses: number };

export function createPlanCache({ plansMax, sizeMax }: PlanCacheLimits): PlanCache {
  const kept = new LRUCache<string, KeptPlan>({
    max: plansMax,
    maxSize: sizeMax,
    sizeCalculation: ({ size }) => size,
  });
  const beingMade = new Map<string, Promise<QueryPlan>>();

  async function makeAndKeep(operation: string, make: () => Promise<QueryPlan>): Promise<QueryPlan> {
    try {
      const plan = await make();
      kept.set(operation, { plan, size: JSON.stringify(plan).length + operation.length, uses: 0 });
      return plan;
    } finally {
      beingMade.delete(operation);
    }
  }

  return {
    has: (operation) => kept.has(operation),
    get: (operation, make) => {
      const known = kept.get(operation);
      if (known) {
        known.uses += 1;
        return Promise.resolve(known.plan);
      }
      const planning = beingMade.get(operation) ?? makeAndKeep(operation, make);
      beingMade.set(operation, planning);
      return planning;
    },
    mostUsed: (count) =>
      [...kept.entries()]
        .sort(([, one], [, other]) => other.uses - one.uses)
        .slice(0, count)
        .map(([operation]) => operation),
  };
}
