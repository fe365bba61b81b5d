/** The supergraph changes while subscriptions run: they go on where what they select is still there, on every transport. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { createDisposer } from "../../support/createDisposer.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { type RewritableGateway, startRewritable } from "./rewriteSupergraph.ts";

const disposer = createDisposer();
let shop: Bookshop;
let rewritable: RewritableGateway;

beforeAll(async () => {
  shop = disposer.use(await startBookshop());
  rewritable = disposer.use(await startRewritable(shop.sdl));
});
afterAll(async () => disposer[Symbol.asyncDispose]());

const query = "subscription { bookAdded { title stars } }";
const transports = ["websocket", "sse", "multipart"] as const;
type Transport = (typeof transports)[number];

const unchanged = (name: string) => `${shop.sdl}\n# ${name}\n`;
/** The same events from another address: the gateway cannot know that it is the same process. */
const moved = (name: string) =>
  shop.sdl.replace(/(name: "books", url: "[^"]*)/, (whole) => `${whole}?${name}`);
const withoutTitle = () => shop.sdl.replace(/^ *title: String.*$/m, "");

describe.each(transports)("a subscription over %s", (transport) => {
  test("goes on, on the source that it has, when its subgraph is asked the same", async () => {
    const opened = shop.seen.extensions.length;
    const titles = await follow(transport, 2, async () => {
      shop.addBook("before");
      await rewritable.swap(unchanged(`${transport} kept`));
      await subscriptionsMoved("kept");
      shop.addBook("after");
    });
    expect(titles).toEqual(["before", "after"]);
    expect(shop.seen.extensions.length).toBe(opened + 1);
  });

  test("goes over to where its events come from now, and none is lost or repeated", async () => {
    const titles = await follow(transport, 5, async () => {
      shop.addBook("1");
      await rewritable.swap(moved(transport));
      await subscriptionsMoved("reopened");
      shop.addBook("2");
      await until(() => shop.subscribers() === 2);
      shop.addBook("3");
      shop.addBook("4");
      // The old source is left as soon as both have told the same event.
      await until(() => shop.subscribers() === 1);
      shop.addBook("5");
    });
    expect(titles).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("ends with the coordinates that are gone when what it selects is", async () => {
    const opened = open(transport);
    const read = opened.read();
    await until(() => shop.subscribers() === 1);
    await rewritable.swap(withoutTitle());
    expect(await read).toEqual({
      titles: [],
      errors: [
        expect.objectContaining({
          message: expect.stringContaining("Book.title"),
          extensions: { code: "SUBSCRIPTION_SELECTION_REMOVED", coordinates: ["Book.title"] },
        }),
      ],
      isCompleted: true,
    });
    await until(() => shop.subscribers() === 0);
    await rewritable.swap(unchanged(`${transport} again`));
  });
});

test("an old supergraph is closed when its subscriptions have moved on", async () => {
  const { log } = rewritable.gateway;
  const count = (text: string) => log.filter((line) => line.includes(text)).length;
  await until(() => count("old supergraph closed") === count("supergraph swapped"));
});

type Read = { readonly titles: unknown[]; readonly errors: unknown; readonly isCompleted: boolean };

/** The titles that came while `act` ran and after it, as many as are expected. */
async function follow(transport: Transport, count: number, act: () => Promise<void>): Promise<unknown[]> {
  const { read, titles, leave } = open(transport);
  const reading = read();
  await until(() => shop.subscribers() === 1);
  await act();
  await until(() => titles.length >= count);
  leave();
  await reading;
  await until(() => shop.subscribers() === 0);
  return titles;
}

type Opened = {
  readonly titles: unknown[];
  /** Resolves when it has ended, from either side. */
  readonly read: () => Promise<Read>;
  readonly leave: () => void;
};

function open(transport: Transport): Opened {
  return transport === "websocket" ? openSocket() : openStream(transport);
}

function openSocket(): Opened {
  const client = createClient({ url: rewritable.gateway.socket, webSocketImpl: WebSocket, retryAttempts: 0 });
  const titles: unknown[] = [];
  let errors: unknown;
  return {
    titles,
    leave: () => void client.dispose(),
    read: () =>
      new Promise((resolve) => {
        client.subscribe<{ bookAdded: { title: string } }>(
          { query },
          {
            next: ({ data }) => void titles.push(data?.bookAdded.title),
            // The protocol's own way to end an operation with errors; nothing comes after it.
            error: (thrown) => {
              errors = thrown;
              resolve({ titles, errors, isCompleted: true });
              void client.dispose();
            },
            complete: () => resolve({ titles, errors, isCompleted: true }),
          },
        );
      }),
  };
}

function openStream(transport: "sse" | "multipart"): Opened {
  const leaving = new AbortController();
  const titles: unknown[] = [];
  const accept =
    transport === "sse" ? "text/event-stream" : 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0';
  const end = transport === "sse" ? "event: complete\ndata:\n\n" : "--graphql--\r\n";
  return {
    titles,
    leave: () => leaving.abort(),
    read: async () => {
      let text = "";
      let errors: unknown;
      try {
        const response = await fetch(rewritable.gateway.graphql, {
          method: "POST",
          headers: { "content-type": "application/json", accept },
          body: JSON.stringify({ query }),
          signal: leaving.signal,
        });
        for await (const bytes of response.body ?? []) {
          text += Buffer.from(bytes).toString();
          titles.splice(
            0,
            titles.length,
            ...[...text.matchAll(/"title":"(\w+)"/g)].map(([, title]) => title),
          );
        }
        errors = JSON.parse(/"errors":(\[.*\])/.exec(text)?.[1] ?? "null");
      } catch (thrown) {
        if (!leaving.signal.aborted) throw thrown;
      }
      return { titles, errors, isCompleted: text.endsWith(end) };
    },
  };
}

/** Resolves when the swap under way has been told to have moved one. */
async function subscriptionsMoved(result: "kept" | "reopened"): Promise<void> {
  await until(() => {
    const moved = rewritable.gateway.log.filter((line) => line.includes("subscriptions moved"));
    return JSON.parse(moved.at(-1) ?? "{}")[result] === 1;
  });
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
}
