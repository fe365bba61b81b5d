import { type GraphQLSchema, parse, validate } from "graphql";
import type { ParsedSupergraph } from "../../supergraph/parseSupergraph.ts";
import { fetchesOf } from "./fetchesOf.ts";
import type { QueryPlan } from "./queryPlan.ts";

/**
 * A fetch that its subgraph would refuse, such as one with two fields of different types under one key: what Hive's
 * planner makes where fragments on different types meet. Undefined when there is none.
 */
export type FindRefused = (plan: QueryPlan) => string | undefined;

export function createFindRefused({ parsed }: Pick<ParsedSupergraph, "parsed">): FindRefused {
  const subgraphs = parsed.subgraphs();
  const schemas = new Map<string, GraphQLSchema>();
  const schemaOf = (name: string) => {
    const schema = schemas.get(name) ?? subgraphs.get(name)?.schema.toGraphQLJSSchema();
    if (schema) schemas.set(name, schema);
    return schema;
  };
  return (plan) => {
    for (const { subgraph, operation } of fetchesOf(plan)) {
      const schema = schemaOf(subgraph);
      if (!schema) return `no subgraph ${subgraph}`;
      const [error] = validate(schema, parse(operation, { noLocation: true }), undefined, { maxErrors: 1 });
      if (error) return `${subgraph}: ${error.message}`;
    }
    return undefined;
  };
}
