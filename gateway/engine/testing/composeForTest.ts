/** Real subgraphs in this process: composed like any others, executed by graphql-js, answering as JSON would. */
import { composeServices } from "@apollo/composition";
import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  parse,
  subscribe,
  validate,
} from "graphql";
import { type ParsedSupergraph, parseSupergraph } from "../../supergraph/parseSupergraph.ts";
import { readSupergraph } from "../../supergraph/readSupergraph.ts";
import type { Supergraph } from "../../supergraph/supergraph.ts";
import type { SubgraphAnswer, SubgraphCall, SubgraphTransport } from "../engine.ts";
import { createApolloPlanner } from "../planning/apolloPlanner.ts";
import type { Planner } from "../planning/planner.ts";
import type { SubscribeSubgraphForTest } from "./subscribeEngine.ts";

export type TestSubgraph = {
  readonly sdl: string;
  /** By type and field, and `__resolveReference`, as @apollo/subgraph takes them. */
  readonly resolvers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

export type TestGraph = {
  readonly supergraph: Supergraph;
  readonly parsed: ParsedSupergraph;
  /** Apollo's, on the thread of the test. */
  readonly planner: Planner;
  readonly transport: SubgraphTransport<undefined>;
  readonly subscribe: SubscribeSubgraphForTest;
  /** Every request so far, in order. */
  readonly calls: SubgraphCall<undefined>[];
};

export function composeForTest(subgraphs: Readonly<Record<string, TestSubgraph>>): TestGraph {
  const names = Object.keys(subgraphs);
  const documents = new Map(names.map((name) => [name, parse(LINK + subgraphs[name]?.sdl)]));
  const { supergraphSdl, errors } = composeServices(
    [...documents].map(([name, typeDefs]) => ({ name, url: `http://${name}.test`, typeDefs })),
  );
  if (!supergraphSdl) throw new AggregateError(errors ?? [], errors?.map(String).join("\n"));
  const schemas = new Map(
    [...documents].map(([name, typeDefs]) => {
      // Resolver maps are looser here than the library's type, which wants every resolver's own signature.
      const resolvers = (subgraphs[name]?.resolvers ?? {}) as NonNullable<
        Extract<Parameters<typeof buildSubgraphSchema>[0], { resolvers?: unknown }>["resolvers"]
      >;
      return [name, buildSubgraphSchema({ typeDefs, resolvers })];
    }),
  );
  const calls: SubgraphCall<undefined>[] = [];
  const parsed = parseSupergraph(supergraphSdl);
  const { apiSdl, supergraphSdl: wholeSdl, ...read } = readSupergraph(supergraphSdl, "the test's graph");
  const toSchema = (parts: readonly string[]) => buildSchema(parts.join("\n"), { assumeValid: true });
  return {
    supergraph: { ...read, apiSchema: toSchema(apiSdl), supergraphSchema: toSchema(wholeSdl) },
    parsed,
    planner: createApolloPlanner(parsed),
    calls,
    ...createTransport(schemas, calls),
  };
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable",
  "@external", "@requires", "@provides", "@interfaceObject", "@inaccessible", "@tag", "@override", "@context", "@fromContext"])\n`;

function createTransport(
  schemas: ReadonlyMap<string, GraphQLSchema>,
  calls: SubgraphCall<undefined>[],
): Pick<TestGraph, "transport" | "subscribe"> {
  const toArguments = (call: SubgraphCall<undefined>) => {
    calls.push(call);
    const schema = schemas.get(call.subgraph);
    if (!schema) throw new Error(`no subgraph ${call.subgraph}`);
    const document = parse(call.query);
    const faults = validate(schema, document);
    if (faults.length > 0) throw new Error(`${call.subgraph} refuses ${call.query}: ${faults.join("; ")}`);
    // As over the wire: what is not JSON does not arrive.
    const variableValues: Record<string, unknown> = JSON.parse(JSON.stringify(call.variables));
    return { schema, document, variableValues, operationName: call.operationName };
  };
  return {
    transport: { request: async (call) => toWire(await execute(toArguments(call))) },
    subscribe: async function* (call) {
      const events = await subscribe(toArguments(call));
      if (!(Symbol.asyncIterator in events)) throw new Error(`no source: ${events.errors?.join()}`);
      for await (const event of events) yield toWire(event);
    },
  };
}

function toWire(result: ExecutionResult): SubgraphAnswer {
  return JSON.parse(JSON.stringify(result));
}
