/** The planner of Hive Router (Rust, in this process through N-API) behind our interface. */
import { QueryPlanner } from "@graphql-hive/router-query-planner";
import { print } from "graphql";
import type { Supergraph } from "../../supergraph/supergraph.ts";
import { convertHivePlan } from "./convertHivePlan.ts";
import type { Planner } from "./planner.ts";

export function createHivePlanner({ sdl }: Pick<Supergraph, "sdl">): Planner {
  const planner = new QueryPlanner(sdl);
  return {
    plan: async (document) => {
      // Progressive overrides: no label is active, and none is taken by chance.
      const plan = planner.plan(print(document), undefined, new Set(), 0);
      return convertHivePlan(plan);
    },
  };
}
