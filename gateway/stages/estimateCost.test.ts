import { composeServices } from "@apollo/composition";
import { describe, expect, test } from "@jest/globals";
import { type OperationDefinitionNode, parse, validate } from "graphql";
import { readCostRules } from "../supergraph/costRules.ts";
import { parseSupergraph } from "../supergraph/parseSupergraph.ts";
import { createEstimateCost } from "./estimateCost.ts";

const sdl = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable",
  { name: "@cost", as: "@price" }, "@listSize"])
type Query {
  book: Book
  books: [Book!]!
  topBooks(first: Int = 5, last: Int, by: Page): [Book!]! @listSize(slicingArguments: ["first", "last"])
  shelf(limit: Int!): Shelf! @listSize(slicingArguments: ["limit"], sizedFields: ["books"])
  few: [Book!]! @listSize(assumedSize: 2)
  grid: [[Book!]!]!
  search(filter: Filter @price(weight: 7)): Book @price(weight: 3)
  items: [Item!]! @listSize(assumedSize: 3)
}
type Mutation { add: Book }
type Shelf { books: [Book!]! name: String! }
interface Item { id: ID! similar: [Item!]! }
type Book implements Item { id: ID! title: String! author: Author similar: [Item!]! @listSize(assumedSize: 50) }
type Disc implements Item { id: ID! minutes: Int @price(weight: 4) similar: [Item!]! }
type Author @price(weight: 5) { name: String! born: Date }
scalar Date @price(weight: 2)
input Page { limit: Int  }
input Filter { words: [String!] @price(weight: 1) inner: Filter }
`;

const { supergraphSdl = "", errors = [] } = composeServices([
  { name: "books", url: "http://books.test", typeDefs: parse(sdl) },
]);
if (supergraphSdl === "") throw new AggregateError(errors, errors.map(String).join("\n"));
const supergraph = parseSupergraph(supergraphSdl);
const schema = supergraph.parsed.apiSchema().toGraphQLJSSchema();
const estimateCost = createEstimateCost({ schema, rules: readCostRules(supergraph), listSize: 10 });

function costOf(text: string, variables: Readonly<Record<string, unknown>> = {}): number {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === "OperationDefinition",
  );
  if (!operation) throw new Error("Expected an operation.");
  return estimateCost({ document, operation }, variables);
}

describe("estimateCost", () => {
  test.each([
    ["scalars and introspection are free", "{ __typename __schema { types { name } } }", 0],
    ["an object is 1", "{ book { id title } }", 1],
    ["a mutation is 10 more", "mutation { add { id } }", 11],
    ["a list is as long as the default", "{ books { id } }", 10],
    ["a list of lists too, both ways", "{ grid { id } }", 100],
    ["assumedSize", "{ few { id } }", 2],
    ["a slicing argument", "{ topBooks(first: 3) { id } }", 3],
    ["the default of a slicing argument in the schema", "{ topBooks { id } }", 5],
    ["of several slicing arguments, the largest", "{ topBooks(first: 1, last: 3) { id } }", 3],
    ["an input object is 1", "{ topBooks(by: {limit: 4}) { id } }", 5 + 1],
    [
      "a field with a size for its fields, and one without",
      "{ shelf2: shelf(limit: 1) { name } books { id } }",
      11,
    ],
    ["sizedFields pass the size on", "{ shelf(limit: 7) { name books { id } } }", 8],
    ["sizes multiply what is below", "{ few { author { name } } }", 2 * (1 + 5)],
    ["a scalar with a weight", "{ book { author { born } } }", 1 + 5 + 2],
    [
      "weights of fields, arguments and input fields",
      '{ search(filter: {words: ["a", "b"]}) { id } }',
      3 + 7 + 2,
    ],
    ["an alias is asked again", "{ a: book { id } b: book { id } }", 2],
    ["@skip and @include by constant", "{ book @skip(if: true) { id } books @include(if: false) { id } }", 0],
    [
      "fragments, named and inline",
      "{ book { ...F ... on Book { author { name } } } } fragment F on Book { id }",
      6,
    ],
    [
      "of types that exclude each other, only the dearest",
      "{ items { ... on Book { author { name } } ... on Disc { minutes } } }",
      3 * (1 + 5),
    ],
    [
      "through an interface, the weight and size of its implementers",
      "{ items { similar { id } } }",
      3 * (1 + 50),
    ],
  ])("%s", (_title, text, cost) => expect(costOf(text)).toBe(cost));

  test.each([
    ["a variable for a size", "query ($n: Int) { topBooks(first: $n) { id } }", { n: 8 }, 8],
    ["the variable's own default", "query ($n: Int = 6) { topBooks(first: $n) { id } }", {}, 6],
    ["no value at all: the schema's default", "query ($n: Int) { topBooks(first: $n) { id } }", {}, 5],
    [
      "a value of another type, which is refused later",
      "query ($n: Int) { topBooks(first: $n) { id } }",
      { n: "9" },
      10,
    ],
    ["a negative one too", "query ($n: Int!) { shelf(limit: $n) { books { id } } }", { n: -5 }, 11],
    ["@include by variable", "query ($y: Boolean!) { book @include(if: $y) { id } }", { y: false }, 0],
    ["@skip by variable", "query ($y: Boolean!) { book @skip(if: $y) { id } }", { y: false }, 1],
    [
      "an input object in a variable",
      "query ($f: Filter) { search(filter: $f) { id } }",
      { f: { words: ["a"] } },
      11,
    ],
    [
      "names that every object has",
      "query ($f: Filter) { search(filter: $f) { id } }",
      { f: "constructor" },
      10,
    ],
  ])("variables: %s", (_title, text, variables, cost) => expect(costOf(text, variables)).toBe(cost));

  test("an input nested without end is counted without overflowing the stack", () => {
    let nested: Record<string, unknown> = {};
    for (let level = 0; level < 100_000; level += 1) nested = { inner: nested };
    expect(costOf("query ($f: Filter) { search(filter: $f) { id } }", { f: nested })).toBeLessThan(200);
  });

  test("a rule of the same name that is not of the specification is none", () => {
    const { supergraphSdl: plain = "" } = composeServices([
      {
        name: "a",
        url: "http://a.test",
        typeDefs: parse(`
          extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")
          directive @cost(weight: Int!) on FIELD_DEFINITION
          type Query { a: Int @cost(weight: 5) }`),
      },
    ]);
    expect(readCostRules(parseSupergraph(plain)).weights.size).toBe(0);
  });
});
