/** Many clients, each with a socket of its own, that write down by which rule every event came to them. */
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";

/** `failed` came with another error than a denial. */
export type SeenEvent = { readonly number: number; readonly fate: "shown" | "withheld" | "failed" };

export type RuleFollower = {
  /** In the order in which they came. */
  readonly events: SeenEvent[];
  /** Numbers of those events. */
  readonly numbers: Set<number>;
  readonly problems: string[];
};

export type RuleFollowers = AsyncDisposable & { readonly all: readonly RuleFollower[] };

type Book = { readonly title: string; readonly stars: number | null };

/** What is granted or not, `stars`, comes from another subgraph than the event. */
const queries = [
  "subscription { bookAdded { title stars } }",
  "subscription { bookAdded { isbn title stars } }",
];

export function followRules(url: string, count: number): RuleFollowers {
  const clients: Client[] = [];
  const all = Array.from({ length: count }, (_, at): RuleFollower => {
    const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, lazy: true });
    clients.push(client);
    const follower: RuleFollower = { events: [], numbers: new Set(), problems: [] };
    client.subscribe<{ bookAdded: Book }>(
      { query: queries[at % queries.length] ?? "" },
      {
        next: ({ data, errors = [] }) => {
          const others = errors.filter(({ extensions }) => extensions?.code !== "UNAUTHORIZED_FIELD_OR_TYPE");
          if (others.length > 0 || !data) follower.problems.push(JSON.stringify(errors));
          if (!data) return;
          const isShown = data.bookAdded.stars !== null;
          if (others.length === 0 && isShown === errors.length > 0)
            follower.problems.push("a value beside its denial");
          const number = Number(data.bookAdded.title);
          follower.events.push({
            number,
            fate: isShown ? "shown" : others.length > 0 ? "failed" : "withheld",
          });
          follower.numbers.add(number);
        },
        error: (thrown) => void follower.problems.push(String(thrown)),
        complete: () => void follower.problems.push("completed"),
      },
    );
    return follower;
  });
  return {
    all,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.dispose()));
    },
  };
}
