/** Arguments that a subgraph reads from objects above (@context, @fromContext). */
import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { createEngine } from "./createEngine.ts";
import { createPlanners, plannerNames } from "./planning/createPlanner.ts";
import { composeForTest } from "./testing/composeForTest.ts";
import { runOperation as run } from "./testing/runOperation.ts";
import { subscribeEngine } from "./testing/subscribeEngine.ts";

type Values = Readonly<Record<string, unknown>>;
type Entity = { readonly id: string };

const shops = ["dollar", "euro", "poor", "euro too"].map((id) => ({ id }));
const currencies: Values = { dollar: "USD", euro: "EUR", "euro too": "EUR", poor: null };
const tell =
  (name: string) =>
  ({ id }: Entity, given: Values) =>
    `${name} of ${id} for ${JSON.stringify(given)}`;

/** The shop tells what it trades in, the market what things cost there, and the bank at which rate. */
const graph = composeForTest({
  shop: {
    sdl: `type Query { shops: [Shop!]! place: Place cart(contextualArgument_1_0: String): Shop }
      union Place = Shop | Stall
      type Shop @key(fields: "id") { id: ID! currency: String items: [Item!]! keeper: Person broken: String }
      type Stall @key(fields: "id") { id: ID! money: String items: [Item!]! }
      type Person @key(fields: "id") { id: ID! currency: String shelf: [[Item]] }
      type Item @key(fields: "id") { id: ID! parts: [Item!]! }
      type Mutation { open: Shop }
      type Subscription { opened: Shop }`,
    resolvers: {
      Query: {
        shops: () => shops,
        place: () => ({ __typename: "Stall", id: "stall", money: "CASH" }),
        cart: () => ({ id: "euro" }),
      },
      Mutation: { open: () => ({ id: "dollar" }) },
      Subscription: {
        opened: {
          subscribe: async function* () {
            for (const opened of shops.slice(0, 2)) yield { opened };
          },
        },
      },
      Shop: {
        currency: ({ id }: Entity) => currencies[id],
        items: () => [{ id: "1" }, { id: "2" }],
        keeper: ({ id }: Entity) => (id === "poor" ? null : { id: `keeper of ${id}` }),
        broken: ({ id }: Entity) => {
          if (id === "euro") throw new Error("no till");
          return "till";
        },
      },
      Stall: { items: () => [{ id: "3" }] },
      Person: {
        currency: () => "GBP",
        shelf: () => [[{ id: "1" }, null], [], [{ id: "2" }]],
      },
      Item: { parts: ({ id }: Entity) => (id === "1" ? [{ id: "1a" }] : []) },
    },
  },
  market: {
    sdl: `type Shop @key(fields: "id") @context(name: "place") { id: ID! currency: String @external }
      type Stall @key(fields: "id") @context(name: "place") { id: ID! money: String @external }
      type Person @key(fields: "id") @context(name: "place") { id: ID! currency: String @external }
      type Item @key(fields: "id") {
        id: ID!
        price(tax: Int = 7, in: String @fromContext(field: "$place ... on Shop { currency } ... on Stall { money } ... on Person { currency }")): String
        name: String
        best: Item
      }`,
    resolvers: { Item: { price: tell("price"), name: tell("name"), best: () => ({ id: "9" }) } },
  },
  bank: {
    sdl: `type Shop @key(fields: "id") @context(name: "shop") {
        id: ID! rate: Rate currency: String @external broken: String @external vaults: [Vault] }
      type Rate { exact: Int }
      type Vault @key(fields: "id") {
        id: ID!
        worth(exact: Int @fromContext(field: "$shop { rate { exact } }"), of: String @fromContext(field: "$shop { currency }")): String
        till(is: String @fromContext(field: "$shop { broken }")): String
        size: Int
        next: Vault
      }`,
    resolvers: {
      Shop: {
        rate: ({ id }: Entity) => (id === "dollar" ? null : { exact: id.length }),
        vaults: ({ id }: Entity) => (id === "poor" ? [null] : [{ id: `vault of ${id}` }]),
      },
      Vault: {
        worth: tell("worth"),
        till: tell("till"),
        size: () => 3,
        next: ({ id }: Entity) => ({ id: `${id}'s next` }),
      },
    },
  },
});

const priced = (ids: readonly string[], currency: unknown, tax = 7) =>
  ids.map((id) => ({ price: tell("price")({ id }, { tax, in: currency }) }));

describe.each(plannerNames)("planner %s", (name) => {
  const planner = createPlanners(graph.parsed)[name]();
  const runOperation = (source: string, options: Parameters<typeof run>[2] = {}) => {
    graph.calls.length = 0;
    return run(graph, source, { planner, ...options });
  };
  const asked = (subgraph: string) => graph.calls.filter((call) => call.subgraph === subgraph);

  test("an entity gets the value of the object that it stands in, all of them in one request", async () => {
    const { data, errors } = await runOperation("{ shops { id items { price } } }");
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      shops: shops.map(({ id }) => ({ id, items: priced(["1", "2"], currencies[id]) })),
    });
    expect(asked("market")).toHaveLength(1);
    const { variables } = asked("market")[0] ?? {};
    // Three currencies, one of them missing, and each entity once in each.
    expect(Object.keys(variables ?? {}).filter((one) => one.endsWith("representations"))).toHaveLength(3);
    expect(variables?.atlas_1_representations).toEqual(["1", "2"].map((id) => ({ __typename: "Item", id })));
  });

  test("the nearest object counts, through lists of lists and nulls in them", async () => {
    const { data } = await runOperation("{ shops { items { price } keeper { shelf { price } } } }");
    const [ofKeeper] = [priced(["1", "2"], "GBP")];
    expect(data?.shops).toEqual(
      shops.map(({ id }) => ({
        items: priced(["1", "2"], currencies[id]),
        keeper: id === "poor" ? null : { shelf: [[ofKeeper[0], null], [], [ofKeeper[1]]] },
      })),
    );
  });

  test("which field is read depends on the object's type", async () => {
    const { data } = await runOperation(
      "{ place { ... on Shop { items { price } } ... on Stall { items { price(tax: 1) } } } }",
    );
    expect(data).toEqual({ place: { items: priced(["3"], "CASH", 1) } });
  });

  test("objects of the same subgraph further down read it too, other fields come along", async () => {
    const { data } = await runOperation("{ shops { items { price name parts { price } } } }");
    const items = (currency: unknown) =>
      ["1", "2"].map((id) => ({
        ...priced([id], currency)[0],
        name: tell("name")({ id }, {}),
        parts: id === "1" ? priced(["1a"], currency) : [],
      }));
    expect(data?.shops).toEqual(shops.map(({ id }) => ({ items: items(currencies[id]) })));
  });

  test("values that several subgraphs bring are there before they are read, and several arguments get theirs", async () => {
    const { data, errors } = await runOperation("{ shops { vaults { worth next { size worth } } } }");
    expect(errors).toBeUndefined();
    const worth = (id: string, shop: string) =>
      tell("worth")({ id }, { exact: shop === "dollar" ? null : shop.length, of: currencies[shop] });
    expect(data?.shops).toEqual(
      shops.map(({ id: shop }) => ({
        vaults:
          shop === "poor"
            ? [null]
            : [
                {
                  worth: worth(`vault of ${shop}`, shop),
                  next: { size: 3, worth: worth(`vault of ${shop}'s next`, shop) },
                },
              ],
      })),
    );
  });

  test("what reads a value that failed fails with it, and nothing else does", async () => {
    const { data, errors } = await runOperation("{ shops { id vaults { till size next { till size } } } }");
    const till = (id: string) => tell("till")({ id }, { is: "till" });
    const [dollar, euro] = (data?.shops ?? []) as { vaults: unknown }[];
    expect(dollar?.vaults).toEqual([
      { till: till("vault of dollar"), size: 3, next: { till: till("vault of dollar's next"), size: 3 } },
    ]);
    expect(euro?.vaults).toEqual([{ till: null, size: 3, next: { till: null, size: 3 } }]);
    expect(errors?.map(({ message, path }) => ({ message, path }))).toEqual([
      { message: "no till", path: ["shops", 1, "vaults", 0, "till"] },
      { message: "no till", path: ["shops", 1, "vaults", 0, "next", "till"] },
    ]);
  });

  test("a subgraph's error is told where it belongs, whichever value was read", async () => {
    const failing = "1";
    const { data, errors } = await runOperation("{ shops { items { price } } }", {
      intercept: ({ subgraph, variables }) => {
        if (subgraph !== "market") return undefined;
        const groups = Object.entries(variables).filter(([key]) => key.endsWith("representations"));
        const answers = groups.map(([, all], at) => [
          `group_${at}`,
          (all as Entity[]).map(({ id }) => ({ price: id === failing ? null : `price of ${id}` })),
        ]);
        return {
          data: Object.fromEntries(answers),
          errors: [{ message: "sold", path: ["group_1", 0, "price"] }],
        };
      },
    });
    const prices = [{ price: null }, { price: "price of 2" }];
    expect(data).toEqual({ shops: shops.map(() => ({ items: prices })) });
    // Two shops have the currency of the second group.
    expect(errors?.map(({ path }) => path)).toEqual(
      [1, 3].map((shop) => ["shops", shop, "items", 0, "price"]),
    );
  });

  test("an answer that lacks a group fails that group alone", async () => {
    const { data, errors } = await runOperation("{ shops { items { price } } }", {
      intercept: ({ subgraph, variables }) => {
        if (subgraph !== "market") return undefined;
        const all = variables.atlas_0_representations as Entity[];
        return { data: { group_0: all.map(() => ({ price: "one" })) } };
      },
    });
    const items = (price: string | null) => ({ items: [{ price }, { price }] });
    expect(data).toEqual({ shops: [items("one"), items(null), items(null), items(null)] });
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual([
      "SUBGRAPH_INVALID_RESPONSE",
      "SUBGRAPH_INVALID_RESPONSE",
    ]);
  });

  test("a subgraph that gives no data at all fails every group, each with its places", async () => {
    const { data, errors } = await runOperation("{ shops { items { price } } }", {
      intercept: ({ subgraph }) =>
        subgraph === "market" ? { data: null, errors: [{ message: "closed" }] } : undefined,
    });
    expect(data).toEqual({ shops: shops.map(() => ({ items: [{ price: null }, { price: null }] })) });
    expect(new Set(errors?.map(({ message }) => message))).toEqual(new Set(["closed"]));
  });

  test("a client's keys, variables and arguments are not taken for it", async () => {
    const { data } = await runOperation(
      `query ($contextualArgument_1_0: String, $atlas_0_representations: Int) {
        shops { currency: id items { price: name cost: price(tax: $atlas_0_representations) } }
        cart(contextualArgument_1_0: $contextualArgument_1_0) { id: currency items { a: price b: price(tax: 2) } }
      }`,
      { variables: { contextualArgument_1_0: "mine", atlas_0_representations: 3 } },
    );
    const costs = (id: string) =>
      priced(["1", "2"], currencies[id], 3).map(({ price: cost }, at) => ({
        price: tell("name")({ id: String(at + 1) }, {}),
        cost,
      }));
    expect(data?.shops).toEqual(shops.map(({ id }) => ({ currency: id, items: costs(id) })));
    expect(data?.cart).toEqual({
      id: "EUR",
      items: ["1", "2"].map((id) => ({
        a: priced([id], "EUR")[0]?.price,
        b: priced([id], "EUR", 2)[0]?.price,
      })),
    });
  });

  test("more values than fit a request are asked for in several", async () => {
    const many = Array.from({ length: 45 }, (_, at) => ({ id: `shop ${at}` }));
    const { data } = await runOperation("{ shops { id items { price } } }", {
      intercept: ({ subgraph }) =>
        subgraph === "shop"
          ? {
              data: {
                shops: many.map(({ id }) => ({
                  __typename: "Shop",
                  id,
                  currency: `of ${id}`,
                  items: [{ __typename: "Item", id: "1" }],
                })),
              },
            }
          : undefined,
    });
    expect(data?.shops).toEqual(many.map(({ id }) => ({ id, items: priced(["1"], `of ${id}`) })));
    expect(asked("market")).toHaveLength(3);
  });

  test("mutations and each event of a subscription read it too", async () => {
    const { data } = await runOperation("mutation { open { items { price } } }");
    expect(data).toEqual({ open: { items: priced(["1", "2"], "USD") } });
    const engine = createEngine({ ...graph, planner });
    const events = await subscribeEngine(
      engine,
      graph.subscribe,
      parse("subscription { opened { items { price } } }"),
      {},
    );
    expect(events.map((event) => JSON.parse(JSON.stringify(event.data)))).toEqual(
      ["USD", "EUR"].map((currency) => ({ opened: { items: priced(["1", "2"], currency) } })),
    );
  });

  test("where the planner asks for the value of a subgraph that has it not, the operation is refused", async () => {
    // It does when the field on the way needs others' fields too.
    const refused = composeForTest({
      a: {
        sdl: `type Top @key(fields: "id") { id: ID! size: Int @external value: String parts: Part @requires(fields: "size") }
          type Part @key(fields: "id") { id: ID! }`,
      },
      b: {
        sdl: `type Query { tops: [Top] } type Top @key(fields: "id") @context(name: "top") { id: ID! value: String @external }
          type Part @key(fields: "id") { id: ID! told(from: String @fromContext(field: "$top { value }")): String }`,
      },
      c: { sdl: `type Top @key(fields: "id") { id: ID! size: Int }` },
    });
    await expect(
      run(refused, "{ tops { parts { told } } }", { planner: createPlanners(refused.parsed)[name]() }),
    ).rejects.toMatchObject({ extensions: { code: "PLANNING_FAILED" } });
  });

  test("nor is anything computed from a value that was asked for without what that needs", async () => {
    // It is where the way leads to another subgraph.
    const refused = composeForTest({
      a: {
        sdl: `type Query { top: Top } type Top @key(fields: "id") @context(name: "top") {
            id: ID! size: Int @external value: String @requires(fields: "size") }
          type Part @key(fields: "id") { id: ID! told(from: String @fromContext(field: "$top { value }")): String }`,
      },
      c: {
        sdl: `type Top @key(fields: "id") { id: ID! size: Int parts: Part } type Part @key(fields: "id") { id: ID! }`,
      },
    });
    await expect(
      run(refused, "{ top { parts { told } } }", { planner: createPlanners(refused.parsed)[name]() }),
    ).rejects.toMatchObject({ extensions: { code: "PLANNING_FAILED" } });
  });

  test("a value that needs what has failed fails what reads it", async () => {
    const needy = composeForTest({
      a: {
        sdl: `type Query { top: Top } type Top @key(fields: "id") @context(name: "top") {
            id: ID! size: Int @external value: String @requires(fields: "size") parts: Part }
          type Part @key(fields: "id") { id: ID! told(from: String @fromContext(field: "$top { value }")): String }`,
        resolvers: {
          Query: { top: () => ({ id: "1" }) },
          Top: { parts: () => ({ id: "p" }), value: ({ size }: { size: number }) => `size ${size}` },
          Part: { told: tell("told") },
        },
      },
      c: {
        sdl: `type Query { weight: Int } type Top @key(fields: "id") { id: ID! size: Int }`,
        resolvers: {
          Top: {
            size: () => {
              throw new Error("no scales");
            },
          },
        },
      },
    });
    const { data, errors } = await run(needy, "{ top { parts { told } } }", {
      planner: createPlanners(needy.parsed)[name](),
    });
    expect(data).toEqual({ top: { parts: { told: null } } });
    expect(errors).toMatchObject([{ message: "no scales", path: ["top", "parts", "told"] }]);
  });
});
