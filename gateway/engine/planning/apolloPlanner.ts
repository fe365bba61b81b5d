/** Apollo's planner behind our interface. It plans on the calling thread and cannot be interrupted. */
import { operationFromDocument } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import type { DocumentNode } from "graphql";
import type { Supergraph } from "../../supergraph/supergraph.ts";
import { convertApolloPlan } from "./convertApolloPlan.ts";
import type { Planner } from "./planner.ts";
import type { QueryPlan } from "./queryPlan.ts";
import { specialiseFragments } from "./specialiseFragments.ts";

export function createApolloPlanner(supergraph: Pick<Supergraph, "parsed">): Planner {
  const planner = new QueryPlanner(supergraph.parsed);
  const schema = supergraph.parsed.apiSchema();
  const graphqlSchema = schema.toGraphQLJSSchema();
  const plan = (document: DocumentNode): QueryPlan =>
    convertApolloPlan(planner.buildQueryPlan(operationFromDocument(schema, document, { validate: false })));
  return {
    plan: async (document) => {
      try {
        return plan(document);
      } catch {
        return plan(specialiseFragments(document, graphqlSchema));
      }
    },
  };
}
