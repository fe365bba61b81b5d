/** Apollo's planner behind our interface. It plans on the calling thread and cannot be interrupted. */
import { operationFromDocument } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { type DocumentNode, parse, visit } from "graphql";
import { readOverrideLabels } from "../../supergraph/overrideLabels.ts";
import type { ParsedSupergraph } from "../../supergraph/parseSupergraph.ts";
import { hasDefer } from "../deferred/deferDirective.ts";
import { convertApolloPlan } from "./convertApolloPlan.ts";
import { createDecideOverrides } from "./decideOverrides.ts";
import { fetchesOf } from "./fetchesOf.ts";
import { createIsGiven } from "./givenFields.ts";
import { orderContexts } from "./orderContexts.ts";
import { readOverrides } from "./overrideDirective.ts";
import type { Planner } from "./planner.ts";
import type { FetchNode, QueryPlan } from "./queryPlan.ts";
import { specialiseFragments } from "./specialiseFragments.ts";

export function createApolloPlanner(supergraph: Pick<ParsedSupergraph, "parsed">): Planner {
  const decideOverrides = createDecideOverrides(readOverrideLabels(supergraph));
  const planner = new QueryPlanner(supergraph.parsed, { incrementalDelivery: { enableDefer: true } });
  const isGiven = createIsGiven(supergraph);
  const schema = supergraph.parsed.apiSchema();
  const graphqlSchema = schema.toGraphQLJSSchema();
  const read = (document: DocumentNode) => {
    try {
      return operationFromDocument(schema, document, { validate: false });
    } catch {
      // What @requires needs may be inaccessible to clients, and is asked for by us (`feedRequirements`). Clients'
      // documents were validated against the API.
      return operationFromDocument(supergraph.parsed.schema, document, { validate: false });
    }
  };
  return {
    plan: async (asked) => {
      // By what was asked, however it has to be written for the planner.
      const overrideConditions = new Map(decideOverrides(asked));
      const { document } = readOverrides(asked);
      const plan = (written: DocumentNode): QueryPlan =>
        orderContexts(
          convertApolloPlan(planner.buildQueryPlan(read(written), { overrideConditions })),
          isGiven,
        );
      // Fragments written for each type would be deferred each by itself.
      if (hasDefer(document)) return plan(document);
      try {
        const found = plan(document);
        if (fetchesOf(found).every(declaresItsVariables)) return found;
        // A field of a type that cannot stand there, in a fragment that the planner copied without looking into it.
        return plan(specialiseFragments(document, graphqlSchema));
      } catch {
        return plan(specialiseFragments(document, graphqlSchema));
      }
    },
  };
}

function declaresItsVariables({ operation }: FetchNode): boolean {
  const declared = new Set<string>();
  const used = new Set<string>();
  visit(parse(operation, { noLocation: true }), {
    VariableDefinition: ({ variable }) => void declared.add(variable.name.value),
    Variable: ({ name }) => void used.add(name.value),
  });
  return [...used].every((name) => declared.has(name));
}
