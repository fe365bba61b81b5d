import { parse, print, visit } from "graphql";
import type { SubscribeSubgraph } from "../stages/subscribeSubgraph.ts";
import type { ToSubscriptionSource } from "./boundSubscription.ts";

/** `endpoints` are the URLs of one supergraph's subgraphs; the sockets behind `subscribeSubgraph` serve them all. */
export function createToSubscriptionSource(
  endpoints: ReadonlyMap<string, string>,
  { subscribe }: Pick<SubscribeSubgraph, "subscribe">,
): ToSubscriptionSource {
  return (call) => {
    const { subgraph, query, operationName, variables, context } = call;
    const url = endpoints.get(subgraph);
    return {
      key: JSON.stringify([
        subgraph,
        url,
        inOrder(query, operationName),
        Object.entries(variables).sort(),
        context.filters,
      ]),
      open: () => {
        const left = new AbortController();
        const events = subscribe(url, { ...call, signal: AbortSignal.any([call.signal, left.signal]) });
        return {
          next: () => events.next(),
          return: () => {
            // `return` of a generator waits for the event that is being waited for.
            left.abort();
            return events.return();
          },
        };
      },
    };
  };
}

/** Planners select in one order or another, and name the operation after it: what is told is the same. */
function inOrder(query: string, operationName: string | undefined): string {
  const ordered = visit(parse(query, { noLocation: true }), {
    OperationDefinition: (operation) =>
      operation.name?.value === operationName ? { ...operation, name: undefined } : undefined,
    SelectionSet: {
      leave: (set) => {
        const texts = new Map(set.selections.map((selection) => [print(selection), selection]));
        return {
          ...set,
          selections: [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
        };
      },
    },
  });
  return print(ordered);
}
