/** Many clients, each with a socket of its own, that write down the number of every event they get. */
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";

export type Follower = {
  /** In the order in which they came. */
  readonly numbers: number[];
  readonly problems: string[];
};

export type Followers = AsyncDisposable & { readonly all: readonly Follower[] };

/** Half of them select fields of two subgraphs, and half of one. */
const queries = ["subscription { bookAdded { title stars } }", "subscription { bookAdded { isbn title } }"];

export function followEvents(url: string, count: number): Followers {
  const clients: Client[] = [];
  const all = Array.from({ length: count }, (_, at): Follower => {
    const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, lazy: true });
    clients.push(client);
    const follower: Follower = { numbers: [], problems: [] };
    client.subscribe<{ bookAdded: { title: string; stars?: number } }>(
      { query: queries[at % queries.length] ?? "" },
      {
        next: ({ data, errors }) => {
          if (errors || !data) follower.problems.push(JSON.stringify(errors));
          else follower.numbers.push(Number(data.bookAdded.title));
        },
        error: (thrown) => void follower.problems.push(describe(thrown)),
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

function describe(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : JSON.stringify(thrown);
}
