/** What the compiled path does by itself, and when it leaves an operation to the general executor. */
import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { createEngine } from "../../createEngine.ts";
import type { SubgraphAnswer, SubgraphTextCall, SubgraphTransport } from "../../engine.ts";
import { composeForTest } from "../../testing/composeForTest.ts";
import { withText } from "../../testing/withText.ts";
import { fromByteText } from "./shape.ts";

const BOOKS = [
  { id: "1", title: 'Un "é" ☃\n', price: 1.5 },
  { id: "2", title: null, price: null },
];

const graph = composeForTest({
  books: {
    sdl: `type Query { books: [Book] first: Book } type Book @key(fields: "id") { id: ID! title: String price: Float }
      type Mutation { add: Book }`,
    resolvers: {
      Query: { books: () => [...BOOKS, null, ...BOOKS], first: () => BOOKS[0] },
      Mutation: { add: () => BOOKS[1] },
    },
  },
  stock: {
    sdl: `type Book @key(fields: "id") { id: ID! price: Float @external left: Int shelf: [Shelf!]
      tax: Float @requires(fields: "price") } type Shelf { row: Int must: Int! }`,
    resolvers: {
      Book: {
        __resolveReference: (book: object) => ({ ...book, left: 7, shelf: [{ row: 2, must: 1 }] }),
        tax: ({ price }: { price: number | null }) => (price === null ? null : price / 10),
      },
    },
  },
});

const SOURCE = "{ all: books { id title left tax shelf { row __typename } } first { title left } }";
const WHOLE = ({ id, title, price }: (typeof BOOKS)[number]) => ({
  id,
  title,
  left: 7,
  tax: price === null ? null : price / 10,
  shelf: [{ row: 2, __typename: "Shelf" }],
});
const [ONE, TWO] = BOOKS.map(WHOLE);
const EXPECTED = { all: [ONE, TWO, null, ONE, TWO], first: { title: BOOKS[0]?.title, left: 7 } };

type Options = {
  readonly print?: (answer: unknown) => string;
  readonly intercept?: (query: string) => SubgraphAnswer | Error | undefined;
};

async function run(source: string, { print, intercept = () => undefined }: Options = {}) {
  const queries: string[] = [];
  const request: SubgraphTransport<undefined>["request"] = async (call) => {
    queries.push(call.query);
    const made = intercept(call.query);
    if (made instanceof Error) throw made;
    return made ?? graph.transport.request(call);
  };
  const engine = createEngine({ ...graph, transport: withText({ ...graph.transport, request }, print) });
  const plan = await engine.plan(parse(source), undefined);
  const signal = new AbortController().signal;
  const answered = await engine.executeText(plan, { variables: {}, context: undefined, signal });
  return { answered, queries };
}

describe("executeText", () => {
  test("prints exactly what JSON.stringify prints of the answer", async () => {
    const { answered } = await run(SOURCE);
    if (answered.kind !== "text") throw new Error(`expected a text, came ${JSON.stringify(answered)}`);
    expect(fromByteText(answered.text)).toBe(JSON.stringify({ data: EXPECTED }));
  });

  test("asks for each entity once, and in one request what one subgraph knows of the same objects", async () => {
    const { queries } = await run(SOURCE);
    expect(queries.filter((query) => query.includes("_entities"))).toHaveLength(2);
  });

  test.each([
    ["spaces", (answer: unknown) => JSON.stringify(answer, null, 2)],
    ["a line break at the end", (answer: unknown) => `${JSON.stringify(answer)}\n`],
    ["escapes", (answer: unknown) => JSON.stringify(answer).replace(/é/g, "\\u00e9")],
    ["numbers in another form", (answer: unknown) => JSON.stringify(answer).replace(/1\.5/g, "15e-1")],
    ["extensions", (answer: unknown) => JSON.stringify({ ...Object(answer), extensions: { cost: 1 } })],
    ["keys in another order", (answer: unknown) => JSON.stringify(reverseKeys(answer))],
  ])("answers the same for a subgraph that prints %s", async (_name, print) => {
    const { answered } = await run(SOURCE, { print });
    if (answered.kind !== "text") throw new Error(`expected a text, came ${JSON.stringify(answered)}`);
    expect(fromByteText(answered.text)).toBe(JSON.stringify({ data: EXPECTED }));
  });

  test("leaves errors to the general executor, without asking again for what is there", async () => {
    const fails = (query: string) => (query.includes("tax") ? new Error("off") : undefined);
    const { answered, queries } = await run("{ books { title tax } }", { intercept: fails });
    expect(answered).toMatchObject({ kind: "answer", answer: { errors: [{ message: expect.any(String) }] } });
    expect(queries).toHaveLength(2);
  });

  test("sends no mutation twice", async () => {
    const data = { add: { id: "2", title: 7 } };
    const { answered, queries } = await run("mutation { add { id title } }", { intercept: () => ({ data }) });
    expect(answered).toMatchObject({ kind: "answer", answer: { data: { add: { id: "2", title: "7" } } } });
    expect(queries).toHaveLength(1);
  });

  test("sends a body that is byte for byte that of the parsed call", async () => {
    const bodies: string[] = [];
    const text = withText(graph.transport);
    const requestText = async (call: SubgraphTextCall<undefined>) => {
      const { query, operationName, variables } = JSON.parse(fromByteText(call.body));
      bodies.push(call.body);
      expect(fromByteText(call.body)).toBe(JSON.stringify({ query, operationName, variables }));
      return text.requestText?.(call) ?? Promise.reject(new Error("no texts"));
    };
    const engine = createEngine({ ...graph, transport: { ...text, requestText } });
    const plan = await engine.plan(parse(SOURCE), undefined);
    const signal = new AbortController().signal;
    await engine.executeText(plan, { variables: {}, context: undefined, signal });
    expect(bodies.length).toBeGreaterThan(1);
  });
});

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, inner]) => [key, reverseKeys(inner)]));
}
