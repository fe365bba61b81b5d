/** Apollo's planner behind our interface. It plans on the calling thread and cannot be interrupted. */
import { operationFromDocument } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import type { Supergraph } from "../../supergraph/supergraph.ts";
import { convertApolloPlan } from "./convertApolloPlan.ts";
import type { Planner } from "./planner.ts";

export function createApolloPlanner(supergraph: Pick<Supergraph, "parsed">): Planner {
  const planner = new QueryPlanner(supergraph.parsed);
  const schema = supergraph.parsed.apiSchema();
  return {
    plan: async (document) =>
      convertApolloPlan(planner.buildQueryPlan(operationFromDocument(schema, document, { validate: false }))),
  };
}
