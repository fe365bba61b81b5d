import { beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { executeSync, getIntrospectionQuery, parse } from "graphql";
import { createEngine } from "./createEngine.ts";
import { createApolloPlanner } from "./planning/apolloPlanner.ts";
import type { Planner } from "./planning/planner.ts";
import { composeForTest, type TestGraph } from "./testing/composeForTest.ts";
import { runOperation } from "./testing/runOperation.ts";
import { createShop } from "./testing/shop/createShop.ts";

let shop: TestGraph;
beforeAll(() => {
  shop = createShop();
});
beforeEach(() => {
  shop.calls.length = 0;
});

describe("execute", () => {
  test("asks for each entity once, however often it stands in the answer", async () => {
    const { data } = await runOperation(shop, "{ grid { inStock } }");
    expect(data).toEqual({
      grid: [[{ inStock: true }, null], null, [], [{ inStock: true }, { inStock: true }]],
    });
    expect(shop.calls.map(({ variables }) => variables.representations)).toEqual([
      undefined,
      [
        { __typename: "Product", id: "p1" },
        { __typename: "Product", id: "p3" },
      ],
    ]);
  });

  test("keeps nulls in lists that a @requires reads", async () => {
    const { data } = await runOperation(shop, `{ product(id: "p1") { shipping } }`);
    // size 2 + weight 2 (rounded 1.5) + parts 4, a missing part 1000, an unknown weight 100
    expect(data).toEqual({ product: { shipping: 1108 } });
  });

  test("answers null without an error for what depends on an entity that is not there", async () => {
    const intercept = ({ subgraph }: { readonly subgraph: string }) =>
      subgraph === "catalog" ? { data: { _entities: [null, null, null] } } : undefined;
    const answer = await runOperation(shop, "{ latest { product { inStock } } }", { intercept });
    const absent = { product: { inStock: null } };
    expect(answer).toEqual({ data: { latest: [absent, absent, absent, { product: null }, null] } });
  });

  test("says nothing of errors in what a plan fetches and nobody asked for", async () => {
    const source = "{ latest { about { rating ... on Film { kind fans { badge name } } } } }";
    const answer = await runOperation(shop, source);
    expect(answer).not.toHaveProperty("errors");
    expect(answer.data).toHaveProperty("latest.2.about.fans", [{ badge: "B-u1", name: "Name u1" }]);
    const asked = shop.calls.filter(({ query }) => query.includes("badge")).map(({ variables }) => variables);
    expect(JSON.stringify(asked)).toContain("m1");
  });

  test("answers introspection itself, beside data of subgraphs", async () => {
    const engine = createEngine(shop);
    const { data } = await runOperation(shop, `{ __schema { queryType { name } } me { id } t: __typename }`);
    expect(data).toEqual({ __schema: { queryType: { name: "Query" } }, me: { id: "u1" }, t: "Query" });
    expect(shop.calls).toHaveLength(1);
    const document = parse(getIntrospectionQuery());
    expect(JSON.stringify((await runOperation(shop, getIntrospectionQuery())).data)).toBe(
      JSON.stringify(executeSync({ schema: engine.schema, document }).data),
    );
  });

  test.each([
    "{ __typename }",
    "{ me @skip(if: true) { id } }",
    "query ($no: Boolean = false) { me @include(if: $no) { id } }",
  ])("asks no subgraph where nothing is left to ask: %s", async (source) => {
    const answer = await runOperation(shop, source);
    expect(answer).toEqual({ data: source === "{ __typename }" ? { __typename: "Query" } : {} });
    expect(shop.calls).toHaveLength(0);
  });

  test("refuses variables that do not fit before it asks anybody", async () => {
    const source =
      "query ($id: ID!, $max: Int) { product(id: $id) { id } search(filter: { max: $max }) { __typename } }";
    const answer = await runOperation(shop, source, { variables: { max: "many" } });
    expect(answer).not.toHaveProperty("data");
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: "BAD_USER_INPUT" },
      { code: "BAD_USER_INPUT" },
    ]);
    expect(shop.calls).toHaveLength(0);
  });

  test.each(["me @skip(if: $hide) { id }", "me { id } ...Me"])(
    "refuses null for a variable that decides a condition: %s",
    async (selection) => {
      const source = `query ($hide: Boolean = true) { ${selection} }
        ${selection.includes("...Me") ? "fragment Me on Query { me @include(if: $hide) { id } }" : ""}`;
      const answer = await runOperation(shop, source, { variables: { hide: null } });
      expect(answer).not.toHaveProperty("data");
      expect(answer.errors?.map(({ message, extensions }) => [message, extensions.code])).toEqual([
        ['Variable "$hide" decides @skip or @include and must not be null.', "BAD_USER_INPUT"],
      ]);
      expect(shop.calls).toHaveLength(0);
    },
  );

  test("runs the fields of a mutation one after another", async () => {
    let running = 0;
    const transport: TestGraph["transport"] = {
      ...shop.transport,
      request: async (call) => {
        running += call.operationKind === "mutation" ? 1 : 0;
        expect(running).toBeLessThan(2);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running = 0;
        return shop.transport.request(call);
      },
    };
    const source = `mutation { a: rename(id: "p1", name: "A") { name } restock(id: "p2") { id } b: count }`;
    const { data } = await runOperation({ ...shop, transport }, source);
    expect(data).toEqual({ a: { name: "A" }, restock: { id: "p2" }, b: 7 });
    expect(shop.calls.map(({ subgraph }) => subgraph)).toEqual(["catalog", "stock", "catalog"]);
  });

  test.each([
    [`{ me { id: name score reviews: badge } }`, { id: "Name u1", score: 45, reviews: "B-u1" }],
    [`{ me { __typename: id name } }`, { __typename: "u1", name: "Name u1" }],
    [
      `{ me { __proto__: id constructor: name } }`,
      JSON.parse(`{ "__proto__": "u1", "constructor": "Name u1" }`),
    ],
  ])("keeps a client's aliases apart from what planners add: %s", async (source, me) => {
    expect(JSON.stringify((await runOperation(shop, source)).data)).toBe(JSON.stringify({ me }));
  });

  test("leaves a client its variable called representations", async () => {
    const source =
      'query ($representations: Boolean) { product(id: "p1") { shipping(express: $representations) } }';
    const { data } = await runOperation(shop, source, { variables: { representations: true } });
    expect(data).toEqual({ product: { shipping: 2216 } });
  });

  test("does not execute a plan of another supergraph", async () => {
    const other = createEngine(composeForTest({ only: { sdl: "type Query { a: Int }" } }));
    const plan = await other.plan(parse("{ a }"), undefined);
    const request = { variables: {}, context: undefined, signal: new AbortController().signal };
    await expect(createEngine(shop).execute(plan, request)).rejects.toThrow(
      /plan of supergraph \w+ given to the engine/,
    );
  });
});

describe("plan", () => {
  /** Apollo's, counting. */
  function countingPlanner(): Planner & { count: number } {
    const planner = createApolloPlanner(shop.parsed);
    return {
      count: 0,
      plan(document) {
        this.count += 1;
        return planner.plan(document);
      },
    };
  }

  test("plans an operation once, for those who ask at once and whatever its white space", async () => {
    const planner = countingPlanner();
    const engine = createEngine({ ...shop, planner });
    await Promise.all(
      ["{ me { id } }", "{me{id}}", "{ me { id } media @skip(if: true) { id } }"].map((source) =>
        engine.plan(parse(source), undefined),
      ),
    );
    expect(planner.count).toBe(1);
  });

  test("tries again after a failure", async () => {
    const planner = countingPlanner();
    const engine = createEngine({
      ...shop,
      planner: {
        plan: async (document) =>
          planner.count++ === 0 ? Promise.reject(new Error("busy")) : planner.plan(document),
      },
    });
    const failed = await engine.plan(parse("{ me { id } }"), undefined).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      extensions: { code: "PLANNING_FAILED" },
      originalError: { message: "busy" },
    });
    await expect(engine.plan(parse("{ me { id } }"), undefined)).resolves.toMatchObject({
      operationKind: "query",
    });
  });

  test("fails where the planner has nothing to say, instead of answering null", async () => {
    const planner: Planner = { plan: async () => ({ kind: "operation", node: undefined }) };
    await expect(
      createEngine({ ...shop, planner }).plan(parse("{ me { id } }"), undefined),
    ).rejects.toMatchObject({
      extensions: { code: "PLANNING_FAILED" },
    });
  });

  test.each([
    ["query A { me { id } } query B { me { id } }", undefined, "exactly one operation, or its name"],
    ["query A { me { id } }", "B", "an operation of that name"],
  ])("needs to know which operation of %s", async (source, name, message) => {
    await expect(createEngine(shop).plan(parse(source), name)).rejects.toMatchObject({
      message: `Expected ${message} in the document.`,
      extensions: { code: "OPERATION_RESOLUTION_FAILED" },
    });
  });
});
