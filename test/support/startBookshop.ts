/**
 * Two small subgraphs on real ports, for tests of the gateway as such: books, which may be slow, broken or huge on
 * request, and reviews, which add stars to them. The supergraph is composed as any other.
 */
import { EventEmitter, on } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { composeServices } from "@apollo/composition";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { createHandler } from "graphql-http/lib/use/http";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";

export type Bookshop = AsyncDisposable & {
  readonly sdl: string;
  /** Tells everybody who is subscribed. */
  readonly addBook: (title: string) => void;
  /** How many are subscribed now. */
  readonly subscribers: () => number;
  /** Headers of every HTTP request to a subgraph so far, and the extensions of every subscription. */
  readonly seen: { readonly headers: IncomingHttpHeaders[]; readonly extensions: unknown[] };
  /** Requests to a subgraph whose caller did not wait for the answer. */
  readonly leftEarly: () => number;
  /** Cuts every connection of the books subgraph, as a crash would. */
  readonly cutBooks: () => void;
};

type Options = {
  /** More types and fields of the books subgraph. */
  readonly extraSdl?: string;
  /** What both subgraphs import of federation, as the elements of a list. Default: each under its own name. */
  readonly imports?: string;
  /** More fields of the reviews subgraph. */
  readonly extraReviewsSdl?: string;
  /** Awaited before the reviews subgraph finds a book; what it rejects with is the error. */
  readonly beforeReview?: (isbn: string) => Promise<void>;
};

const importsDefault = `"@key", "@external", "@requires", "@authenticated", "@requiresScopes", "@policy"`;

const booksSdl = `
  type Query {
    books: [Book!]!
    book(isbn: ID!): Book
    item(id: ID!): Item
    broken: String
    slow(ms: Int!): String
    huge(bytes: Int!): String
    notGraphql: String
  }
  type Mutation { rename(isbn: ID!, title: String!): Book }
  type Subscription { bookAdded: Book }
  interface Item { id: ID! }
  type Book implements Item @key(fields: "isbn") { isbn: ID! id: ID! title: String }
  type Disc implements Item { id: ID! minutes: Int }
`;
const reviewsSdl = `type Book @key(fields: "isbn") { isbn: ID! stars: Int }`;

export async function startBookshop({
  extraSdl = "",
  extraReviewsSdl = "",
  imports = importsDefault,
  beforeReview = async () => {},
}: Options = {}): Promise<Bookshop> {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])\n`;
  const shelf = [
    { __typename: "Book", isbn: "1", id: "b1", title: "Dune" },
    { __typename: "Book", isbn: "2", id: "b2", title: "Emma" },
  ];
  const findBook = (isbn: string) => shelf.find((book) => book.isbn === isbn);
  const events = new EventEmitter().setMaxListeners(0);
  const seen: Bookshop["seen"] = { headers: [], extensions: [] };
  let subscribers = 0;
  let leftEarly = 0;
  const onLeftEarly = () => {
    leftEarly += 1;
  };

  async function* addedBooks(signal: AbortSignal) {
    subscribers += 1;
    try {
      for await (const [title] of on(events, "added", { signal })) {
        yield { bookAdded: { isbn: "1", id: "b1", title: String(title) } };
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      subscribers -= 1;
    }
  }

  const books = await serve(seen, onLeftEarly, {
    sdl: link + booksSdl + extraSdl,
    resolvers: {
      Query: {
        books: () => shelf,
        book: (_: unknown, { isbn }: { isbn: string }) => findBook(isbn),
        item: (_: unknown, { id }: { id: string }) =>
          shelf.find((book) => book.id === id) ?? { __typename: "Disc", id, minutes: 42 },
        broken: () => {
          throw new Error("connection to 10.0.0.7 refused for user reader");
        },
        slow: async (_: unknown, { ms }: { ms: number }) => {
          await sleep(ms);
          return "done";
        },
        huge: (_: unknown, { bytes }: { bytes: number }) => "x".repeat(bytes),
      },
      Mutation: {
        rename: (_: unknown, { isbn, title }: { isbn: string; title: string }) => ({
          ...findBook(isbn),
          title,
        }),
      },
      Subscription: { bookAdded: { subscribe: () => abortable(addedBooks) } },
      Book: { __resolveReference: ({ isbn }: { isbn: string }) => findBook(isbn) },
    },
  });
  const reviews = await serve(seen, onLeftEarly, {
    sdl: link + reviewsSdl + extraReviewsSdl,
    resolvers: {
      Book: {
        __resolveReference: async ({ isbn }: { isbn: string }) => {
          await beforeReview(isbn);
          return { isbn, stars: isbn === "1" ? 5 : 4 };
        },
      },
    },
  });

  const { supergraphSdl, errors } = composeServices([
    { name: "books", url: books.url, typeDefs: parse(link + booksSdl + extraSdl) },
    { name: "reviews", url: reviews.url, typeDefs: parse(link + reviewsSdl + extraReviewsSdl) },
  ]);
  if (!supergraphSdl) {
    await Promise.all([books.stop(), reviews.stop()]);
    throw new AggregateError(errors ?? [], String(errors));
  }
  return {
    sdl: supergraphSdl,
    addBook: (title) => events.emit("added", title),
    subscribers: () => subscribers,
    leftEarly: () => leftEarly,
    seen,
    cutBooks: books.cut,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([books.stop(), reviews.stop()]);
    },
  };
}

/** A source whose `return` ends the wait for its next event, as a source of a real event log does. */
function abortable<Event>(
  open: (signal: AbortSignal) => AsyncGenerator<Event>,
): AsyncIterableIterator<Event> {
  const controller = new AbortController();
  const events = open(controller.signal);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => events.next(),
    return: async () => {
      controller.abort();
      await events.next();
      return { done: true, value: undefined };
    },
  };
}

type Served = { readonly url: string; readonly cut: () => void; readonly stop: () => Promise<void> };

type Subgraph = {
  readonly sdl: string;
  // The library's own type wants every resolver's signature.
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

async function serve(
  seen: Bookshop["seen"],
  onLeftEarly: () => void,
  { sdl, resolvers }: Subgraph,
): Promise<Served> {
  type Modules = Extract<Parameters<typeof buildSubgraphSchema>[0], { resolvers?: unknown }>;
  const schema = buildSubgraphSchema({
    typeDefs: parse(sdl),
    resolvers: resolvers as NonNullable<Modules["resolvers"]>,
  });
  const handler = createHandler({ schema });
  const server = createServer((request, response) => {
    seen.headers.push(request.headers);
    response.once("close", () => {
      if (!response.writableFinished) onLeftEarly();
    });
    void handler(request, response);
  });
  const sockets = new WebSocketServer({ server });
  const protocol = useServer(
    {
      schema,
      onSubscribe: (_context, _id, { extensions }) => {
        seen.extensions.push(extensions);
      },
    },
    sockets,
  );
  return {
    url: `http://127.0.0.1:${await listen(server)}/graphql`,
    cut: () => {
      for (const socket of sockets.clients) socket.terminate();
    },
    stop: async () => {
      await protocol.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("Expected a TCP address.");
      resolve(address.port);
    });
  });
}
