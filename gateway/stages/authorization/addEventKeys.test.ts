import { composeServices } from "@apollo/composition";
import { describe, expect, test } from "@jest/globals";
import { parse, print, stripIgnoredCharacters, validate } from "graphql";
import { readEventKeys } from "../../supergraph/eventKeys.ts";
import { parseSupergraph } from "../../supergraph/parseSupergraph.ts";
import { createAnalyseOperation } from "./analyseOperation.ts";
import { maskDocument } from "./maskDocument.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;
const subgraphs = {
  books: `type Query { book: Book } type Subscription { bookAdded: Book itemAdded: Item }
    interface Item { id: ID! }
    type Book implements Item @key(fields: "id") @key(fields: "shop shelf") {
      id: ID! shop: ID! shelf: ID! title: String publisher: Publisher
    }
    type Publisher @key(fields: "code") { code: ID! name: String }`,
  reviews: `type Book @key(fields: "id") { id: ID! stars: Int }
    type Publisher @key(fields: "code") { code: ID! rating: Int }`,
  stock: `type Book @key(fields: "shop shelf") { shop: ID! shelf: ID! copies: Int }`,
};
const { supergraphSdl } = composeServices(
  Object.entries(subgraphs).map(([name, sdl]) => ({
    name,
    url: `http://${name}.invalid`,
    typeDefs: parse(link + sdl),
  })),
);
if (!supergraphSdl) throw new Error("the subgraphs of this test compose");
const supergraph = parseSupergraph(supergraphSdl);
const schema = supergraph.parsed.apiSchema().toGraphQLJSSchema();
const eventKeys = readEventKeys(supergraph);

function mask(text: string, denied: readonly string[]): string {
  const access = createAnalyseOperation(schema, new Map())(parse(text), undefined);
  const indexes = new Set(
    access.requests.flatMap(({ coordinate }, at) => (denied.includes(coordinate) ? [at] : [])),
  );
  const { document } = maskDocument(access, indexes, eventKeys);
  expect(validate(schema, document)).toEqual([]);
  return stripIgnoredCharacters(print(document));
}

describe("keys in what is left of a subscription", () => {
  test.each([
    ["of one other subgraph", "bookAdded { title stars }", ["Book.stars"], "bookAdded{title __typename id}"],
    [
      "of several, by the key of each",
      "bookAdded { title stars copies }",
      ["Book.stars", "Book.copies"],
      "bookAdded{title __typename id shop shelf}",
    ],
    [
      "of an object inside",
      "bookAdded { publisher { name rating } }",
      ["Publisher.rating"],
      "bookAdded{publisher{name __typename code}}",
    ],
    ["once", "bookAdded { id title stars }", ["Book.stars"], "bookAdded{id title __typename}"],
  ])("stand for denied fields %s", (_, selection, denied, left) => {
    expect(mask(`subscription { ${selection} }`, denied)).toBe(`subscription{${left}}`);
  });

  test.each([
    [
      "a field of the event's own subgraph is denied",
      "bookAdded { id title }",
      ["Book.title"],
      "bookAdded{id}",
    ],
    [
      "the client may not see the key that it asks for",
      "bookAdded { id title stars }",
      ["Book.id", "Book.stars"],
      "bookAdded{title}",
    ],
    [
      "the client calls something else by its name",
      "bookAdded { id: title stars }",
      ["Book.stars"],
      "bookAdded{id:title}",
    ],
    [
      "nothing of the object is left",
      "bookAdded { title publisher { rating } }",
      ["Publisher.rating"],
      "bookAdded{title}",
    ],
  ])("are not there when %s", (_, selection, denied, left) => {
    expect(mask(`subscription { ${selection} }`, denied)).toBe(`subscription{${left}}`);
  });

  test("are no part of queries", () => {
    expect(mask("{ book { title stars } }", ["Book.stars"])).toBe("{book{title}}");
  });
});
