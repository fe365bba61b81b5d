import { type GraphQLSchema, parse, validate } from "graphql";
import { LRUCache } from "lru-cache";
import type { ParsedSupergraph } from "../../supergraph/parseSupergraph.ts";
import { fetchesOf } from "./fetchesOf.ts";
import type { QueryPlan } from "./queryPlan.ts";

/**
 * A fetch that its subgraph would refuse, such as one with two fields of different types under one key: what Hive's
 * planner makes where fragments on different types meet. Undefined when there is none.
 */
export type FindRefused = (plan: QueryPlan) => string | undefined;

/** Of the fetches that are remembered as good: some thousands. */
const acceptedCharsMax = 4_000_000;

export function createFindRefused({ parsed }: Pick<ParsedSupergraph, "parsed">): FindRefused {
  const subgraphs = parsed.subgraphs();
  const schemas = new Map<string, GraphQLSchema>();
  const schemaOf = (name: string) => {
    const schema = schemas.get(name) ?? subgraphs.get(name)?.schema.toGraphQLJSSchema();
    if (schema) schemas.set(name, schema);
    return schema;
  };
  /** Plans of different operations ask subgraphs much the same; validating that is most of what a plan costs. */
  const accepted = new LRUCache<string, true>({
    maxSize: acceptedCharsMax,
    sizeCalculation: (_, text) => text.length,
  });
  return (plan) => {
    for (const { subgraph, operation } of fetchesOf(plan)) {
      const key = `${subgraph} ${operation}`;
      if (accepted.get(key)) continue;
      const schema = schemaOf(subgraph);
      if (!schema) return `no subgraph ${subgraph}`;
      const [error] = validate(schema, parse(operation, { noLocation: true }), undefined, { maxErrors: 1 });
      if (error) return `${subgraph}: ${error.message}`;
      accepted.set(key, true);
    }
    return undefined;
  };
}
