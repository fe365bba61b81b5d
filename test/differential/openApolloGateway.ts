/** @apollo/gateway on the same cases, for comparison. It knows no subscriptions, and its text of errors is its own. */
import { ApolloGateway } from "@apollo/gateway";
import { print } from "graphql";
import type { GeneratedGraph } from "./graph/createGraph.ts";
import type { OpenSubjects } from "./subjects.ts";

export async function openApolloGateway({ graph }: GeneratedGraph): Promise<OpenSubjects> {
  const gateway = new ApolloGateway({
    supergraphSdl: graph.supergraph.sdl,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    buildService: ({ name }) => ({
      process: async ({ request }) => {
        const { query = "", variables = {}, operationName } = request;
        const operationKind = /^\s*mutation\b/.test(query) ? "mutation" : "query";
        const { signal } = new AbortController();
        const call = {
          subgraph: name,
          operationKind,
          query,
          operationName,
          variables,
          context: undefined,
          signal,
        };
        // Its response type wants a whole HTTP exchange, of which only data and errors are read.
        return (await graph.transport.request(
          call as Parameters<typeof graph.transport.request>[0],
        )) as never;
      },
    }),
  });
  const { executor } = await gateway.load();
  return {
    subjects: {
      "apollo-gateway": async ({ document, variables }) => {
        const source = print(document);
        const cache = new Map<string, string>();
        const request = {
          request: { query: source, variables: { ...variables } },
          document,
          source,
          queryHash: source,
          operationName: "Generated",
          operation: document.definitions.find((part) => part.kind === "OperationDefinition"),
          context: {},
          metrics: {},
          overallCachePolicy: { restrict: () => {} },
          schema: gateway.schema,
          cache,
        };
        const answer = await executor(request as never);
        return [JSON.parse(JSON.stringify(answer))];
      },
    },
    [Symbol.asyncDispose]: () => gateway.stop(),
  };
}
