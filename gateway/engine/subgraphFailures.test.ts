/** What clients get when a subgraph fails, lies or attacks: the rest of the answer, and a coded error in the right place. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { AppError } from "../errors.ts";
import { composeForTest, type TestGraph } from "./testing/composeForTest.ts";
import { runOperation } from "./testing/runOperation.ts";

let graph: TestGraph;
beforeAll(() => {
  graph = composeForTest({
    books: {
      sdl: `
        type Query { books: [Book] first: Book any: Item maybe: Int }
        interface Item { id: ID! }
        type Book implements Item @key(fields: "id") { id: ID! title: String size: Int kind: Kind @inaccessible form: Form }
        enum Form { PAPER SCREEN LOST @inaccessible }
        enum Kind { A }
      `,
      resolvers: {
        Query: { books: () => BOOKS, first: () => BOOKS[0], any: () => BOOKS[1], maybe: () => 3 },
        Item: { __resolveType: () => "Book" },
      },
    },
    stock: {
      sdl: `type Book @key(fields: "id") { id: ID! left: Int must: Int! shelf: Shelf } type Shelf { row: Int }`,
      resolvers: {
        Book: {
          __resolveReference: ({ id }: { id: string }) => ({ id, left: 7, must: 1, shelf: { row: 2 } }),
        },
      },
    },
  });
});

const BOOKS = [
  { id: "1", title: "One", size: 10, form: "PAPER" },
  { id: "2", title: "Two", size: 20, form: "LOST" },
];

/** Runs it with `answer` in place of what one subgraph says. */
function run(
  source: string,
  subgraph: string,
  answer: unknown,
  options: Parameters<typeof runOperation>[2] = {},
) {
  const intercept = (call: { readonly subgraph: string }) => {
    if (call.subgraph !== subgraph) return undefined;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return runOperation(graph, source, { ...options, intercept });
}

describe("a subgraph that cannot be asked", () => {
  const timeout = new AppError("SUBGRAPH_TIMEOUT", 504, "a subgraph took too long");

  test("costs its own fields, with one error where many wait for it", async () => {
    expect(await run("{ maybe books { title left } }", "stock", timeout)).toEqual({
      errors: [
        { message: "a subgraph took too long", path: ["books"], extensions: { code: "SUBGRAPH_TIMEOUT" } },
      ],
      data: {
        maybe: 3,
        books: [
          { title: "One", left: null },
          { title: "Two", left: null },
        ],
      },
    });
  });

  test("fails each field by its path where one object waits", async () => {
    const { errors } = await run("{ first { left shelf { row } } }", "stock", timeout);
    expect(errors?.map(({ path }) => path)).toEqual([
      ["first", "left"],
      ["first", "shelf"],
    ]);
  });

  test("nulls what may not be null, without further errors", async () => {
    const { data, errors } = await run("{ maybe books { title must } }", "stock", timeout);
    expect(data).toEqual({ maybe: 3, books: [null, null] });
    expect(errors).toHaveLength(1);
  });

  test("keeps the text of an unknown fault from clients", async () => {
    const { errors } = await run("{ first { left } }", "stock", new Error("ECONNREFUSED 10.1.2.3:80"));
    expect(errors).toEqual([
      {
        message: "a subgraph could not be reached",
        path: ["first", "left"],
        extensions: { code: "SUBGRAPH_UNAVAILABLE" },
      },
    ]);
  });

  test("is not asked once the client has left", async () => {
    graph.calls.length = 0;
    const signal = AbortSignal.abort();
    expect((await runOperation(graph, "{ first { left } maybe }", { signal })).data).toEqual({
      first: null,
      maybe: null,
    });
    expect(graph.calls).toHaveLength(0);
  });
});

describe("a subgraph's own errors", () => {
  test("keep text and code, lose the rest, and point at the place in the whole answer", async () => {
    const fault = {
      message: "recount",
      path: ["_entities", 1, "shelf", "row"],
      extensions: { code: "RECOUNT", stacktrace: ["secret.ts:1"] },
    };
    const answer = {
      data: { _entities: [{ shelf: { row: 2 } }, { shelf: { row: null } }] },
      errors: [fault],
    };
    expect(await run("{ books { shelf { row } } }", "stock", answer)).toEqual({
      errors: [{ message: "recount", path: ["books", 1, "shelf", "row"], extensions: { code: "RECOUNT" } }],
      data: { books: [{ shelf: { row: 2 } }, { shelf: { row: null } }] },
    });
  });

  test("name the subgraph only where the option says so", async () => {
    const answer = { data: null, errors: [{ message: "no" }] };
    const { errors } = await run("{ first { left } }", "stock", answer, { namesSubgraphs: true });
    expect(errors?.[0]?.extensions).toEqual({ code: "SUBGRAPH_ERROR", service: "stock" });
  });

  test("are told although the client asked for nothing that they explain, when their place is in the answer", async () => {
    const answer = {
      data: { _entities: [{ left: 7 }] },
      errors: [{ message: "half blind", path: ["_entities", 0, "left"] }],
    };
    expect(await run("{ first { left } }", "stock", answer)).toMatchObject({
      data: { first: { left: 7 } },
      errors: [{ message: "half blind", path: ["first", "left"] }],
    });
  });
});

describe("a field computed from what another subgraph says", () => {
  test("keeps an input's failure from the client's field of the same name with other arguments", async () => {
    const graph = composeForTest({
      a: {
        sdl: `type Query { goods: [Good] }
        type Good @key(fields: "id") { id: ID! price(currency: String): Int }`,
        resolvers: {
          Query: { goods: () => [{ id: "1" }] },
          Good: {
            price: (_good: unknown, { currency }: { currency: string | undefined }) => {
              if (currency === "EUR") throw new Error("no rate");
              return null;
            },
          },
        },
      },
      b: {
        sdl: `type Good @key(fields: "id") {
          id: ID! price(currency: String): Int @external
          freight: Int @requires(fields: "price(currency: \\"EUR\\")")
        }`,
      },
    });
    expect(await runOperation(graph, "{ goods { price freight } }")).toEqual({
      data: { goods: [{ price: null, freight: null }] },
      errors: [{ message: "no rate", path: ["goods", 0, "freight"], extensions: { code: "SUBGRAPH_ERROR" } }],
    });
  });

  test("fails at its own place when its input has failed, and never at one that the client did not ask for", async () => {
    const computed = composeForTest({
      a: {
        sdl: `type Query { goods: [Good] } type Good @key(fields: "id") { id: ID! weight: Int }`,
        resolvers: {
          Query: {
            goods: () => [
              { id: "1", weight: 3 },
              { id: "2", weight: new Error("no scales") },
            ],
          },
        },
      },
      b: {
        sdl: `type Good @key(fields: "id") {
          id: ID! weight: Int @external freight: Int @requires(fields: "weight") left: Int!
        }`,
        resolvers: { Good: { freight: ({ weight }: { weight: number }) => weight * 2, left: () => 7 } },
      },
    });
    expect(await runOperation(computed, "{ goods { cost: freight } }")).toEqual({
      data: { goods: [{ cost: 6 }, { cost: null }] },
      errors: [{ message: "no scales", path: ["goods", 1, "cost"], extensions: { code: "SUBGRAPH_ERROR" } }],
    });
    // What the same fetch brings besides is not lost.
    expect(await runOperation(computed, "{ goods { cost: freight left } }")).toMatchObject({
      data: {
        goods: [
          { cost: 6, left: 7 },
          { cost: null, left: 7 },
        ],
      },
      errors: [{ message: "no scales", path: ["goods", 1, "cost"] }],
    });
  });
});

describe("an answer that is none", () => {
  test.each([
    ["no object", "[]", /expected an object, came a list/],
    ["nothing", "{}", /expected data or errors/],
    ["data that is a text", `{ "data": "x" }`, /expected data as an object, came x/],
    ["no entities", `{ "data": {} }`, /expected a list of entities, came undefined/],
    ["too few entities", `{ "data": { "_entities": [] } }`, /expected 1 entities in the order asked, came 0/],
    ["an entity that is a number", `{ "data": { "_entities": [1] } }`, /expected an object or null/],
    [
      "errors that are no list",
      `{ "data": { "_entities": [null] }, "errors": {} }`,
      /expected errors as a list/,
    ],
  ])("is refused: %s", async (_name, json, message) => {
    const { data, errors } = await run("{ first { title left } }", "stock", JSON.parse(json));
    expect(data).toEqual({ first: { title: "One", left: null } });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      path: ["first", "left"],
      extensions: { code: "SUBGRAPH_INVALID_RESPONSE" },
    });
    expect(errors?.[0]?.message).toMatch(message);
  });

  test("an error that says nothing still is one", async () => {
    const { errors } = await run("{ first { left } }", "stock", { errors: [null] });
    expect(errors).toMatchObject([{ path: ["first", "left"], extensions: { code: "SUBGRAPH_ERROR" } }]);
  });

  test("an entity that is not there is null without an error", async () => {
    const answer = { data: { _entities: [null] } };
    expect(await run("{ first { left title } }", "stock", answer)).toEqual({
      data: { first: { left: null, title: "One" } },
    });
  });
});

describe("values that the schema does not allow", () => {
  test.each([
    [
      "a field left out",
      { first: { __typename: "Book" } },
      "{ first { title } }",
      /No subgraph answered for Book.title/,
    ],
    ["a wrong leaf", { first: { size: "big" } }, "{ first { size } }", /does not fit the type of its field/],
    [
      "an object for a leaf",
      { first: { title: {} } },
      "{ first { title } }",
      /does not fit the type of its field/,
    ],
    ["a text for an object", { first: "Book" }, "{ first { title } }", /Expected an object of type Book/],
    ["an object for a list", { books: { title: "One" } }, "{ books { title } }", /Expected a list/],
    [
      "an unknown type",
      { any: { __typename: "Shoe", id: "1" } },
      "{ any { id __typename } }",
      /a type of Item, came one of another type/,
    ],
    [
      "a type of another kind",
      { any: { __typename: "Shelf", id: "1" } },
      "{ any { id } }",
      /a type of Item, came one of another type/,
    ],
  ])("become null with a coded error: %s", async (_name, data, source, message) => {
    const answer = await run(source, "books", { data });
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors?.[0]?.message).toMatch(message);
    expect(answer.errors?.[0]?.extensions).toEqual({ code: "SUBGRAPH_INVALID_RESPONSE" });
  });

  test("an enum value that clients must not know is null with an error that does not name it", async () => {
    const answer = await runOperation(graph, "{ books { form } }");
    expect(answer).toMatchObject({
      data: { books: [{ form: "PAPER" }, { form: null }] },
      errors: [{ path: ["books", 1, "form"] }],
    });
    expect(JSON.stringify(answer.errors)).not.toContain("LOST");
  });

  test("a prototype in an answer is a key like any other, and not asked for", async () => {
    const answer = JSON.parse(
      `{ "data": { "first": { "title": "One", "__proto__": { "size": 66 }, "constructor": 1 } } }`,
    );
    const result = await run("{ first { title size } }", "books", answer);
    expect(result.data).toEqual({ first: { title: "One", size: null } });
    expect(Reflect.get({}, "size")).toBeUndefined();
  });
});

describe("an entity whose type nobody could tell", () => {
  test("fails for the reason for which its type was not told, and for no other", async () => {
    const interfaceObject = composeForTest({
      news: {
        sdl: `type Query { story: Media } type Media @key(fields: "id") @interfaceObject { id: ID! }`,
        resolvers: { Query: { story: () => ({ id: "1" }) } },
      },
      archive: {
        sdl: `interface Media @key(fields: "id") { id: ID! title: String }
          type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int! }`,
        resolvers: {
          Media: {
            __resolveReference: ({ id }: { id: string }) => ({ __typename: "Film", id, title: "Alien" }),
          },
          Film: {
            minutes: () => {
              throw new Error("the reel is gone");
            },
          },
        },
      },
    });
    const { data, errors } = await runOperation(
      interfaceObject,
      "{ story { title ... on Film { minutes } } }",
    );
    expect(data).toEqual({ story: null });
    expect(errors).toMatchObject([{ message: "the reel is gone", path: ["story", "minutes"] }]);
  });
});
