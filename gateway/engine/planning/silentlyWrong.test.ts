/**
 * The six cases of The Guild's federation audit that Apollo's planner gets wrong without an error, each under the name of
 * its suite and the number of the case there, over graphs of our own, and what is next to them.
 */
import { describe, expect, test } from "@jest/globals";
import { composeForTest, type TestGraph } from "../testing/composeForTest.ts";
import { runOperation as run } from "../testing/runOperation.ts";
import { createPlanners, plannerNames } from "./createPlanner.ts";

describe.each(plannerNames)("planner %s", (name) => {
  const runOperation = (graph: TestGraph, source: string, options: Parameters<typeof run>[2] = {}) =>
    run(graph, source, { planner: createPlanners(graph.parsed)[name](), ...options });

  describe("a @requires with arguments", () => {
    const prices: Readonly<Record<string, number>> = { EUR: 2, USD: 1 };
    const graph = composeForTest({
      goods: {
        sdl: `type Query { goods: [Good] } type Mutation { touch: Good }
        type Good @key(fields: "id") { id: ID! price(currency: String = "USD"): Int notes(limit: Int): [String] }`,
        resolvers: {
          Query: { goods: () => [{ id: "1" }, { id: "2" }] },
          Mutation: { touch: () => ({ id: "1" }) },
          Good: {
            price: ({ id }: { id: string }, { currency }: { currency: string }) =>
              id === "2" && currency === "EUR" ? null : Number(id) * 10 * (prices[currency] ?? 0),
            notes: (_good: unknown, { limit }: { limit: number }) => ["a", "b", "c"].slice(0, limit),
          },
        },
      },
      freight: {
        sdl: `type Good @key(fields: "id") {
        id: ID!
        price(currency: String = "USD"): Int @external
        notes(limit: Int): [String] @external
        freight: Int @requires(fields: "price(currency: \\"USD\\")")
        freightEur: Int @requires(fields: "price(currency: \\"EUR\\")")
        summary: String @requires(fields: "notes(limit: 3)")
      }`,
        resolvers: {
          Good: {
            freight: ({ price }: { price: number }) => price,
            freightEur: ({ price }: { price: number }) => price,
            summary: ({ notes }: { notes: string[] }) => notes.join(""),
          },
        },
      },
    });

    test("does not change what the client's own arguments ask for", async () => {
      const { data } = await runOperation(graph, "{ goods { notes(limit: 1) summary price } }");
      expect(data).toEqual({
        goods: [
          { notes: ["a"], summary: "abc", price: 10 },
          { notes: ["a"], summary: "abc", price: 20 },
        ],
      });
    });

    test("does not change what the client asks for without arguments", async () => {
      const { data } = await runOperation(graph, "{ goods { price freightEur } }");
      expect(data).toEqual({
        goods: [
          { price: 10, freightEur: 20 },
          { price: 20, freightEur: null },
        ],
      });
    });

    test("requires-with-argument-conflict 1: does not change what another @requires asks for, even where that is null", async () => {
      const { data } = await runOperation(
        graph,
        '{ goods { freight ...Eur price(currency: "EUR") } } fragment Eur on Good { freightEur }',
      );
      expect(data).toEqual({
        goods: [
          { freight: 10, freightEur: 20, price: 20 },
          { freight: 20, freightEur: null, price: null },
        ],
      });
    });

    test("is refused where right answers would need a mutation to run twice", async () => {
      const planning = runOperation(graph, "mutation { touch { freight freightEur } }");
      await expect(planning).rejects.toMatchObject({ extensions: { code: "PLANNING_FAILED" } });
      expect((await runOperation(graph, "mutation { touch { freightEur } }")).data).toEqual({
        touch: { freightEur: 20 },
      });
    });
  });

  describe("a @requires with arguments, of lists of entities,", () => {
    const authors: Readonly<Record<string, readonly string[]>> = {
      t1: ["Ann", "Bo", "Cy"],
      t2: ["Di", "Ed", "Flo"],
    };
    const graph = composeForTest({
      people: {
        sdl: `type Query { threads: [Thread] } type Thread @key(fields: "id") { id: ID! }
        type Reply @key(fields: "id") { id: ID! author: String }`,
        resolvers: {
          Query: { threads: () => [{ id: "t1" }, { id: "t2" }] },
          Reply: {
            __resolveReference: ({ id }: { id: string }) => {
              const [thread = "", at] = id.split("-");
              return { id, author: authors[thread]?.[Number(at)] };
            },
          },
        },
      },
      forum: {
        sdl: `type Thread @key(fields: "id") {
          id: ID!
          replies(limit: Int!): [Reply]
          voices: String @requires(fields: "replies(limit: 3) { author }")
        }
        type Reply @key(fields: "id") { id: ID! author: String @external }`,
        resolvers: {
          Thread: {
            replies: ({ id }: { id: string }, { limit }: { limit: number }) =>
              [0, 1, 2].slice(0, limit).map((at) => ({ id: `${id}-${at}` })),
            voices: ({ replies }: { replies: { author: string }[] }) =>
              replies.map(({ author }) => author).join(" "),
          },
        },
      },
    });

    test.each([
      [
        "requires-with-argument 3: beside the client's own",
        "{ threads { voices replies(limit: 1) { id } } }",
      ],
      [
        "requires-with-argument 4: beside the client's own by variable",
        "query ($limit: Int = 1) { threads { voices replies(limit: $limit) { id } } }",
      ],
      [
        "requires-with-argument 5: beside the client's own in two fragments",
        `query ($limit: Int = 1) { threads { voices ...A ...B } }
        fragment A on Thread { replies(limit: $limit) { id } } fragment B on Thread { replies(limit: $limit) { id } }`,
      ],
    ])("%s", async (_title, source) => {
      expect(await runOperation(graph, source)).toEqual({
        data: {
          threads: [
            { voices: "Ann Bo Cy", replies: [{ id: "t1-0" }] },
            { voices: "Di Ed Flo", replies: [{ id: "t2-0" }] },
          ],
        },
      });
    });
  });

  describe("an interface object", () => {
    const graph = composeForTest({
      a: {
        sdl: `type Query { a: Node } interface Node @key(fields: "id") { id: ID! }`,
        resolvers: { Query: { a: () => ({ __typename: "Node", id: "1" }) } },
      },
      b: {
        sdl: `type Query { b: Node }
        type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! label: String }`,
        resolvers: { Query: { b: () => ({ id: "1", label: "one" }) } },
      },
    });

    test("non-resolvable-interface-object 2: is no silent null where nobody can be asked for its field", async () => {
      await expect(runOperation(graph, "{ a { label } }")).rejects.toMatchObject({
        extensions: { code: "PLANNING_FAILED" },
      });
      expect(await runOperation(graph, "{ b { id label } }")).toEqual({
        data: { b: { id: "1", label: "one" } },
      });
    });
  });

  describe("a key", () => {
    test("keys-mashup 1: is sent in a form that its subgraph can resolve, when the plan names one that it cannot", async () => {
      const shelves = [{ __typename: "Shelf", id: "1", row: { x: "7", y: "8", z: "9" } }];
      const graph = composeForTest({
        a: {
          sdl: `type Shelf @key(fields: "id") @key(fields: "row { x y }", resolvable: false)
            @key(fields: "id row { y z }", resolvable: false) { id: ID! row: Row! name: String! }
          type Row @shareable { x: ID! y: ID! z: ID! }`,
          resolvers: {
            Shelf: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `name ${id}` }) },
          },
        },
        b: {
          sdl: `type Query { shelves: [Shelf] }
          type Shelf @key(fields: "row { x y }", resolvable: false) @key(fields: "id row { y z }")
            @key(fields: "id", resolvable: false) {
            id: ID! row: Row! name: String! @external label: String @requires(fields: "name")
          }
          type Row @shareable { x: ID! y: ID! z: ID! }`,
          resolvers: {
            Query: { shelves: () => shelves },
            Shelf: {
              __resolveReference: (reference: { id?: string }) =>
                reference.id === undefined ? null : reference,
              label: ({ id, name }: { id: string; name: string }) => `${id}: ${name}`,
            },
          },
        },
      });
      expect((await runOperation(graph, "{ shelves { label } }")).data).toEqual({
        shelves: [{ label: "1: name 1" }],
      });
    });
  });
});
