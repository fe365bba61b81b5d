import { Kind } from "graphql";
import type { Supergraph } from "../../supergraph/supergraph.ts";
import { createApolloPlanner } from "./apolloPlanner.ts";
import { combinePlanners } from "./combinePlanners.ts";
import { createFindUncovered } from "./findUncovered.ts";
import { createHivePlanner } from "./hivePlanner.ts";
import type { Planner } from "./planner.ts";
import { createSubgraphTypes } from "./subgraphTypes.ts";

/**
 * `apollo` plans all; `hive` plans queries with the planner of Hive Router and has Apollo's plan what that one cannot.
 */
export const plannerNames = ["apollo", "hive"] as const;
export type PlannerName = (typeof plannerNames)[number];

export type PlannerOptions = { readonly onSecond?: (reason: string) => void };

export function createPlanner(
  name: PlannerName,
  supergraph: Supergraph,
  options: PlannerOptions = {},
): Planner {
  if (name === "apollo") return createApolloPlanner(supergraph);
  const schema = supergraph.parsed.apiSchema().toGraphQLJSSchema();
  const findUncovered = createFindUncovered(schema, createSubgraphTypes(supergraph));
  // Its graph of the whole supergraph is large: not made before it is needed.
  let apollo: Planner | undefined;
  const second: Planner = {
    plan: (document) => {
      apollo ??= createApolloPlanner(supergraph);
      return apollo.plan(document);
    },
  };
  const combined = combinePlanners({
    first: createHivePlanner(supergraph),
    second,
    findUncovered,
    ...options,
  });
  return {
    plan: (document) => {
      // It lets a mutation read what the one before it has written only after the next has run.
      const isQuery = document.definitions.every(
        (definition) => definition.kind !== Kind.OPERATION_DEFINITION || definition.operation === "query",
      );
      return (isQuery ? combined : second).plan(document);
    },
  };
}
