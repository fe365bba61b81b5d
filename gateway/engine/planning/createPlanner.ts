import type { Supergraph } from "../../supergraph/supergraph.ts";
import { createApolloPlanner } from "./apolloPlanner.ts";
import type { Planner } from "./planner.ts";

export type PlannerName = "apollo";

export function createPlanner(_name: PlannerName, supergraph: Supergraph): Planner {
  return createApolloPlanner(supergraph);
}
