/** The planner of Hive Router (Rust, in this process through N-API) behind our interface. */
import { print } from "graphql";
import type { ParsedSupergraph } from "../../supergraph/parseSupergraph.ts";
import { convertHivePlan } from "./convertHivePlan.ts";
import type { Planner } from "./planner.ts";

/** Where there is no binary for the platform, it rejects every operation, which is then the next planner's. */
export function createHivePlanner({ sdl }: Pick<ParsedSupergraph, "sdl">): Planner {
  const loading = import("@graphql-hive/router-query-planner").then(
    ({ QueryPlanner }) => new QueryPlanner(sdl),
  );
  loading.catch(() => {});
  return {
    plan: async (document) => {
      const planner = await loading;
      // Progressive overrides: no label is active, and none is taken by chance.
      return convertHivePlan(planner.plan(print(document), undefined, new Set(), 0));
    },
  };
}
