import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { createEngine } from "./createEngine.ts";
import type { Answer, SubgraphAnswer } from "./engine.ts";
import type { TestGraph } from "./testing/composeForTest.ts";
import { createShop } from "./testing/shop/createShop.ts";

const shop = createShop();
const source = "subscription { productChanged { id inStock } }";

async function open(transport: TestGraph["transport"], text = source, variables = {}) {
  const engine = createEngine({ ...shop, transport });
  const plan = await engine.plan(parse(text), undefined);
  return engine.subscribe(plan, { variables, context: undefined, signal: new AbortController().signal });
}

async function collect(opened: Awaited<ReturnType<typeof open>>): Promise<Answer[]> {
  if (!(Symbol.asyncIterator in opened)) throw new Error("no source");
  const answers: Answer[] = [];
  for await (const answer of opened) answers.push(JSON.parse(JSON.stringify(answer)));
  return answers;
}

function withEvents(events: () => AsyncIterable<SubgraphAnswer>): TestGraph["transport"] {
  return { ...shop.transport, subscribe: events };
}

describe("a subscription", () => {
  test("completes each event with fields of other subgraphs", async () => {
    expect(await collect(await open(shop.transport))).toEqual([
      { data: { productChanged: { id: "p1", inStock: true } } },
      { data: { productChanged: { id: "p2", inStock: false } } },
    ]);
  });

  test("goes on after an event that failed", async () => {
    const answers = await collect(
      await open(
        withEvents(async function* () {
          yield { data: null, errors: [{ message: "torn", extensions: { code: "TORN" } }] };
          yield { data: { productChanged: { __typename: "Product", id: "p1" } } };
        }),
      ),
    );
    expect(answers).toMatchObject([
      { data: { productChanged: null }, errors: [{ message: "torn", path: ["productChanged"] }] },
      { data: { productChanged: { inStock: true } } },
    ]);
    expect(answers[1]).not.toHaveProperty("errors");
  });

  test("ends with a coded error when its source breaks", async () => {
    const answers = await collect(
      await open(
        withEvents(async function* () {
          yield { data: { productChanged: null } };
          throw new Error("socket hang up at 10.0.0.1");
        }),
      ),
    );
    expect(answers).toEqual([
      { data: { productChanged: null } },
      {
        errors: [
          {
            message: "a subgraph could not be reached",

            extensions: { code: "SUBGRAPH_UNAVAILABLE" },
          },
        ],
      },
    ]);
  });

  test("is an error result when its source cannot be opened, or its variables do not fit", async () => {
    const broken = {
      ...shop.transport,
      subscribe: () => {
        throw new Error("refused");
      },
    };
    expect(await open(broken)).toMatchObject({ errors: [{ extensions: { code: "SUBGRAPH_UNAVAILABLE" } }] });
    const text = "subscription ($first: Int!) { productChanged(first: $first) { id } }";
    expect(await open(shop.transport, text)).toMatchObject({
      errors: [{ extensions: { code: "BAD_USER_INPUT" } }],
    });
  });

  test("ends its source at once when the client leaves, also while nothing happens", async () => {
    let isEnded = false;
    const quiet: AsyncIterable<SubgraphAnswer> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          isEnded = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const opened = await open(withEvents(() => quiet));
    if (!(Symbol.asyncIterator in opened)) throw new Error("no source");
    const iterator = opened[Symbol.asyncIterator]();
    void iterator.next();
    await iterator.return?.();
    expect(isEnded).toBe(true);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});
