import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { createEngine } from "./createEngine.ts";
import type { Answer } from "./engine.ts";
import { createShop } from "./testing/shop/createShop.ts";
import { subscribeEngine } from "./testing/subscribeEngine.ts";

const shop = createShop();
const source = "subscription { productChanged { id inStock } }";

/** With events of the test's own, where it has any. */
function collect(subscribe = shop.subscribe, text = source): Promise<readonly Answer[]> {
  return subscribeEngine(createEngine(shop), subscribe, parse(text));
}

describe("a subscription", () => {
  test("completes each event with fields of other subgraphs", async () => {
    expect(await collect()).toEqual([
      { data: { productChanged: { id: "p1", inStock: true } } },
      { data: { productChanged: { id: "p2", inStock: false } } },
    ]);
  });

  test("goes on after an event that failed", async () => {
    const answers = await collect(async function* () {
      yield { data: null, errors: [{ message: "torn", extensions: { code: "TORN" } }] };
      yield { data: { productChanged: { __typename: "Product", id: "p1" } } };
    });
    expect(answers).toMatchObject([
      { data: { productChanged: null }, errors: [{ message: "torn", path: ["productChanged"] }] },
      { data: { productChanged: { inStock: true } } },
    ]);
    expect(answers[1]).not.toHaveProperty("errors");
  });

  test("has a coded error, without the text of the fault, for a source that breaks", async () => {
    const answers = await collect(async function* () {
      yield { data: { productChanged: null } };
      throw new Error("socket hang up at 10.0.0.1");
    });
    expect(answers).toEqual([
      { data: { productChanged: null } },
      {
        errors: [
          { message: "a subgraph could not be reached", extensions: { code: "SUBGRAPH_UNAVAILABLE" } },
        ],
      },
    ]);
  });

  test("is refused when its variables do not fit", async () => {
    const text = "subscription ($first: Int!) { productChanged(first: $first) { id } }";
    expect(await collect(shop.subscribe, text)).toMatchObject([
      { errors: [{ extensions: { code: "BAD_USER_INPUT" } }] },
    ]);
  });

  test("asks the owning subgraph for its own fields and the keys of the others", async () => {
    const engine = createEngine(shop);
    const plan = await engine.plan(parse(source), undefined);
    const { signal } = new AbortController();
    const started = await engine.startSubscription(plan, { variables: {}, context: undefined, signal });
    expect(started).toMatchObject({
      kind: "started",
      call: { subgraph: "catalog", operationKind: "subscription" },
    });
  });
});
