/** Operations that a planner answers wrongly or cannot plan at all: here they are right. See `silentlyWrong.test.ts` too. */
import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { createEngine } from "../createEngine.ts";
import { composeForTest, type TestGraph } from "../testing/composeForTest.ts";
import { runOperation as run, toJson } from "../testing/runOperation.ts";
import { createShop } from "../testing/shop/createShop.ts";
import { subscribeEngine } from "../testing/subscribeEngine.ts";
import { withText } from "../testing/withText.ts";
import { createPlanners, plannerNames } from "./createPlanner.ts";

describe.each(plannerNames)("planner %s", (name) => {
  const runOperation = (graph: TestGraph, source: string, options: Parameters<typeof run>[2] = {}) =>
    run(graph, source, { planner: createPlanners(graph.parsed)[name](), ...options });

  describe("a @requires of a field that has a @requires", () => {
    const given = (value: unknown) => {
      if (value === undefined) throw new Error("computed from nothing");
      return value;
    };
    const graph = composeForTest({
      shop: {
        sdl: `type Query { good: Good } type Mutation { sell: Good } type Subscription { sold: Good }
        type Good @key(fields: "id") {
          id: ID! net: Int @external gross: Int @requires(fields: "net") secret: Int @inaccessible
        }`,
        resolvers: {
          Query: { good: () => ({ id: "1" }) },
          Mutation: { sell: () => ({ id: "1" }) },
          Subscription: {
            sold: {
              subscribe: async function* () {
                yield { sold: { id: "1" } };
              },
            },
          },
          Good: { gross: ({ net }: { net?: number }) => Number(given(net)) + 1, secret: () => 5 },
        },
      },
      prices: {
        sdl: `type Good @key(fields: "id") {
          id: ID! net: Int gross: Int @external secret: Int @external
          label: String @requires(fields: "gross secret")
        }`,
        resolvers: {
          Good: {
            __resolveReference: (reference: object) => ({ ...reference, net: 10 }),
            label: ({ gross, secret }: { gross?: number; secret?: number }) =>
              `${given(gross)}/${given(secret)}`,
          },
        },
      },
    });
    const expected = { label: "11/5" };

    test("is computed from what that field needs too, wherever the operation enters", async () => {
      expect(await runOperation(graph, "{ good { label } }")).toEqual({ data: { good: expected } });
      expect(await runOperation(graph, "{ good { ... on Good { cost: gross } label } }")).toEqual({
        data: { good: { cost: 11, ...expected } },
      });
    });

    test("does not run a mutation twice for it", async () => {
      graph.calls.length = 0;
      expect(await runOperation(graph, "mutation { sell { label } }")).toEqual({ data: { sell: expected } });
      expect(graph.calls.filter(({ operationKind }) => operationKind === "mutation")).toHaveLength(1);
    });

    test("is there for each event of a subscription", async () => {
      const engine = createEngine({ ...graph, planner: createPlanners(graph.parsed)[name]() });
      const document = parse("subscription { sold { label } }");
      expect(await subscribeEngine(engine, graph.subscribe, document)).toEqual([
        { data: { sold: expected } },
      ]);
    });
  });

  test("a @requires of a field that needs one that needs a third is fed from the far end", async () => {
    const tell =
      (name: string, ...inputs: readonly string[]) =>
      (item: Readonly<Record<string, unknown>>) =>
        `${name} of ${inputs.map((input) => item[input]).join()}`;
    const graph = composeForTest({
      odd: {
        sdl: `type Query { item: Item } type Item @key(fields: "id") {
          id: ID! first: String second: String @external third: String @requires(fields: "second") }`,
        resolvers: {
          Query: { item: () => ({ id: "1" }) },
          Item: { first: () => "first", third: tell("third", "second") },
        },
      },
      even: {
        sdl: `type Item @key(fields: "id") {
          id: ID! first: String @external second: String @requires(fields: "first")
          third: String @external fourth: String @requires(fields: "third") }`,
        resolvers: { Item: { second: tell("second", "first"), fourth: tell("fourth", "third") } },
      },
    });
    const { data, errors } = await runOperation(graph, "{ item { fourth } }");
    expect(errors).toBeUndefined();
    expect(data).toEqual({ item: { fourth: "fourth of third of second of first" } });
  });

  test("a @requires reaches through a list of lists", async () => {
    const graph = composeForTest({
      shelf: {
        sdl: `type Query { box: Box } type Box @key(fields: "id") { id: ID! label: String @requires(fields: "rows { size }") rows: [[Item]] @external }
          type Item @key(fields: "id") { id: ID! size: Int }`,
        resolvers: {
          Query: { box: () => ({ id: "b" }) },
          Box: { label: ({ rows }: { rows: unknown }) => JSON.stringify(rows) },
          Item: { size: ({ id }: { id: string }) => id.length },
        },
      },
      stock: {
        sdl: `type Box @key(fields: "id") { id: ID! rows: [[Item]] } type Item @key(fields: "id") { id: ID! }`,
        resolvers: { Box: { rows: () => [[{ id: "a" }, null], [], null, [{ id: "bb" }]] } },
      },
    });
    const { data, errors } = await runOperation(graph, "{ box { label } }");
    expect(errors).toBeUndefined();
    expect(data).toEqual({ box: { label: '[[{"size":1},null],[],null,[{"size":2}]]' } });
  });

  describe("an interface object", () => {
    test("tells its objects' types through a fragment on another abstract type", async () => {
      const { data } = await runOperation(
        createShop(),
        "{ topRated { rating ... on SearchResult { __typename } } }",
      );
      expect(data).toEqual({
        topRated: [{ rating: 4.5, __typename: "Book" }, null, { rating: 3, __typename: "Film" }],
      });
    });

    test("answers for itself where no subgraph tells its objects, and refuses what only they know", async () => {
      const graph = composeForTest({
        a: {
          sdl: `type Query { a: Node } interface Node @key(fields: "id", resolvable: false) { id: ID! }
          type Leaf implements Node @key(fields: "id", resolvable: false) @inaccessible { id: ID! }`,
          resolvers: { Query: { a: () => ({ __typename: "Leaf", id: "1" }) } },
        },
        b: {
          sdl: `type Query { b: Node } type Node @key(fields: "id") @interfaceObject { id: ID! name: String }`,
          resolvers: { Query: { b: () => ({ id: "1", name: "one" }) } },
        },
      });
      expect((await runOperation(graph, "{ b { id name } }")).data).toEqual({ b: { id: "1", name: "one" } });
      await expect(runOperation(graph, "{ b { __typename } }")).rejects.toMatchObject({
        extensions: { code: "PLANNING_FAILED" },
      });
      const hidden = await runOperation(graph, "{ a { __typename } }");
      expect(hidden).toMatchObject({ data: { a: null }, errors: [{ path: ["a"] }] });
      expect(JSON.stringify(hidden)).not.toContain("Leaf");
    });
  });

  describe("a condition", () => {
    const shop = createShop();
    test.each([
      [
        "beside a skipped @requires",
        `query ($no: Boolean!) { product(id: "p1") { reserved shipping @include(if: $no) } }`,
        { product: { reserved: 0 } },
      ],
      [
        "on everything in a list",
        "query ($no: Boolean!) { media { title @include(if: $no) } }",
        { media: [{}, {}, {}] },
      ],
      [
        "inside a condition",
        "query ($no: Boolean!) { me @skip(if: $no) { score friends @include(if: $no) { badge } } }",
        { me: { score: 45 } },
      ],
      ["on the only root field", "query ($no: Boolean!) { me @include(if: $no) { id } }", {}],
    ])("leaves the rest right: %s", async (_name, source, data) => {
      expect(await runOperation(shop, source, { variables: { no: false } })).toEqual({ data });
    });

    test("is left to the planner where there are too many to plan each combination", async () => {
      const names = ["a", "b", "c", "d", "e", "f", "g"];
      const fields = names.map((name) => `${name}: id @include(if: $${name})`);
      const source = `query (${names.map((name) => `$${name}: Boolean!`).join(" ")}) { me { ${fields.join(" ")} } media @include(if: $a) { title @include(if: $g) } }`;
      const variables = Object.fromEntries(names.map((name) => [name, name < "c"]));
      expect(await runOperation(shop, source, { variables })).toEqual({
        data: { me: { a: "u1", b: "u1" }, media: [{}, {}, {}] },
      });
    });
  });

  describe("a fragment on a type that cannot stand in its place", () => {
    test("does not bring a variable that the fetch does not declare", async () => {
      const source = `query ($no: Boolean!) {
        topRated { kind ... on SearchResult { __typename ... on Product { name(upper: $no) } } }
      }`;
      expect(await runOperation(createShop(), source, { variables: { no: true } })).toEqual({
        data: {
          topRated: [{ kind: "PAPER", __typename: "Book" }, null, { kind: "SCREEN", __typename: "Film" }],
        },
      });
    });
  });

  describe("a mutation", () => {
    const journal: string[] = [];
    const graph = composeForTest({
      orders: {
        sdl: `type Query { order: Order } type Mutation { pay(sum: Int!): Order close: Order name: String }
        type Order @key(fields: "id") { id: ID! }`,
        resolvers: {
          Mutation: {
            pay: (_root: unknown, { sum }: { sum: number }) => {
              journal.push(`pay ${sum}`);
              return { id: "1" };
            },
            close: () => {
              journal.push("close");
              return { id: "1" };
            },
            name: () => `after ${journal.at(-1)}`,
          },
        },
      },
      ledger: {
        sdl: `type Mutation { audit: String } type Order @key(fields: "id") { id: ID! entries: [String!] }`,
        resolvers: {
          Mutation: { audit: () => `audited ${journal.push("audit")}` },
          Order: { __resolveReference: ({ id }: { id: string }) => ({ id, entries: [...journal] }) },
        },
      },
    });
    const mutate = async (source: string) => {
      journal.length = 0;
      graph.calls.length = 0;
      // In general and compiled would be twice; each is looked at by itself.
      const engine = createEngine({ ...graph, planner: createPlanners(graph.parsed)[name]() });
      const plan = await engine.plan(parse(source), undefined);
      const request = { variables: {}, context: undefined, signal: new AbortController().signal };
      return JSON.parse(JSON.stringify(await engine.execute(plan, request)));
    };
    const mutateCompiled = async (source: string) => {
      journal.length = 0;
      const transport = withText(graph.transport);
      const engine = createEngine({ ...graph, transport, planner: createPlanners(graph.parsed)[name]() });
      const plan = await engine.plan(parse(source), undefined);
      const request = { variables: {}, context: undefined, signal: new AbortController().signal };
      return JSON.parse(await toJson(engine.executeText(plan, request)));
    };

    const interleaved = `mutation { a: pay(sum: 1) { entries } audit ...More b: pay(sum: 3) { entries } }
      fragment More on Mutation { pay(sum: 2) { entries } audit again: audit }`;
    const expected = {
      data: {
        a: { entries: ["pay 1"] },
        audit: "audited 2",
        pay: { entries: ["pay 1", "audit", "pay 2"] },
        again: "audited 4",
        b: { entries: ["pay 1", "audit", "pay 2", "audit", "pay 3"] },
      },
    };

    test("runs its root fields in the order asked, each with what is selected below before the next", async () => {
      expect(await mutate(interleaved)).toEqual(expected);
      expect(await mutateCompiled(interleaved)).toEqual(expected);
    });

    test("keeps that order through a hundred root fields", async () => {
      const ask = (at: number) => (at % 3 === 2 ? `f${at}: audit` : `f${at}: pay(sum: ${at}) { entries }`);
      const places = Array.from({ length: 100 }, (_, at) => at);
      const entries = places.map((at) => (at % 3 === 2 ? "audit" : `pay ${at}`));
      const source = `mutation { ${places.map(ask).join(" ")} }`;
      const data = Object.fromEntries(
        places.map((at) => [
          `f${at}`,
          at % 3 === 2 ? `audited ${at + 1}` : { entries: entries.slice(0, at + 1) },
        ]),
      );
      for (const answer of [await mutate(source), await mutateCompiled(source)])
        expect(JSON.stringify(answer)).toBe(JSON.stringify({ data }));
      expect(journal).toEqual(entries);
    });

    test("asks a subgraph once for neighbours with nothing to fetch between them", async () => {
      const { data } = await mutate("mutation { a: pay(sum: 1) { id } name close { entries } }");
      expect(data).toEqual({ a: { id: "1" }, name: "after pay 1", close: { entries: ["pay 1", "close"] } });
      expect(graph.calls.map(({ subgraph }) => subgraph)).toEqual(["orders", "ledger"]);
    });
  });

  describe("fields of one name and different nullability", () => {
    const graph = composeForTest({
      a: {
        sdl: `type Query { things: [Thing] } union Thing = Pen | Ink
        type Pen @key(fields: "id") { id: ID! name: String! @shareable }
        type Ink @key(fields: "id") { id: ID! name: String }`,
        resolvers: {
          Query: {
            things: () => [
              { __typename: "Pen", id: "1", name: "pen" },
              { __typename: "Ink", id: "2", name: new Error("dried") },
              { __typename: "Ink", id: "3", name: null },
              { __typename: "Ink", id: "4", name: "ink" },
            ],
          },
        },
      },
      b: { sdl: `type Pen @key(fields: "id") { id: ID! name: String @shareable }` },
    });

    test("come back under the name that the client gave, errors too", async () => {
      const answer = await runOperation(graph, "{ things { ... on Pen { name } ... on Ink { name } } }");
      expect(graph.calls[0]?.query).toMatch(/_alias_\d/);
      expect(answer).toEqual({
        data: { things: [{ name: "pen" }, { name: null }, { name: null }, { name: "ink" }] },
        errors: [{ message: "dried", path: ["things", 1, "name"], extensions: { code: "SUBGRAPH_ERROR" } }],
      });
    });
  });

  describe("one key for different fields, on types that exclude each other", () => {
    const graph = composeForTest({
      shop: {
        sdl: `type Query { places: [Place] }
        union Place = Shop | Stall
        type Shop { items: [Item] }
        type Stall { items: [Item] }
        type Item @key(fields: "id") { id: ID! }`,
        resolvers: {
          Query: { places: () => [{ __typename: "Shop" }, { __typename: "Stall" }] },
          Shop: { items: () => [{ id: "1" }] },
          Stall: { items: () => [{ id: "2" }] },
        },
      },
      market: {
        sdl: `type Item @key(fields: "id") { id: ID! name: String price(tax: Int = 0): String }`,
        resolvers: {
          Item: {
            name: ({ id }: { id: string }) => `item ${id}`,
            price: ({ id }: { id: string }, { tax }: { tax: number }) => {
              if (tax === 9) throw new Error("too much");
              return `${id} and ${tax}`;
            },
          },
        },
      },
    });

    test("each entity below answers with what was asked of it", async () => {
      const { data } = await runOperation(
        graph,
        `query ($tax: Int) { places {
          ... on Shop { items { price a: price(tax: $tax) b: name } }
          ... on Stall { items { price(tax: 1) a: price b: price(tax: 2) } }
        } }`,
        { variables: { tax: 3 } },
      );
      expect(data).toEqual({
        places: [
          { items: [{ price: "1 and 0", a: "1 and 3", b: "item 1" }] },
          { items: [{ price: "2 and 1", a: "2 and 0", b: "2 and 2" }] },
        ],
      });
    });

    test("errors are told under the client's key", async () => {
      const { errors } = await runOperation(
        graph,
        "{ places { ... on Shop { items { price } } ... on Stall { items { price(tax: 9) } } } }",
      );
      expect(errors).toMatchObject([{ message: "too much", path: ["places", 1, "items", 0, "price"] }]);
    });
  });
});
