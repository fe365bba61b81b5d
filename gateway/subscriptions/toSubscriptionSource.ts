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
      key: JSON.stringify([subgraph, url, query, operationName, variables, context.filters]),
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
