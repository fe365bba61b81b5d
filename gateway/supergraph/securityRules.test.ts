import { composeServices } from "@apollo/composition";
import { describe, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { parseSupergraph } from "./parseSupergraph.ts";
import { readSecurityRules } from "./securityRules.ts";
import { SupergraphError } from "./supergraphError.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@context", "@fromContext", "@authenticated", "@requiresScopes", { name: "@policy", as: "@rego" }
])`;

/** `edit` makes of the composed SDL what another composition would have written. */
function rulesOf(sdl: string, edit = (supergraphSdl: string) => supergraphSdl) {
  const { supergraphSdl, errors } = composeServices([
    { name: "library", url: "http://library.test", typeDefs: parse(`${LINK}\n${sdl}`) },
  ]);
  if (!supergraphSdl) throw new AggregateError(errors ?? []);
  return readSecurityRules(parseSupergraph(edit(supergraphSdl)));
}

describe("readSecurityRules", () => {
  test("finds the rules of types, fields, scalars and enums, and nothing where there is none", () => {
    const rules = rulesOf(`
      type Query { book: Book @requiresScopes(scopes: [["a", "b"], ["c"]]) free: Int }
      type Book @authenticated { isbn: Secret shelf: Shelf }
      scalar Secret @rego(policies: [["p"]])
      enum Shelf @authenticated { TOP }
    `);
    expect(Object.fromEntries(rules)).toEqual({
      "Query.book": { authenticated: false, scopes: [["a", "b"], ["c"]], policies: undefined },
      Book: { authenticated: true, scopes: undefined, policies: undefined },
      Secret: { authenticated: false, scopes: undefined, policies: [["p"]] },
      Shelf: { authenticated: true, scopes: undefined, policies: undefined },
    });
  });

  test("finds a directive by its specification, whatever it is called here", () => {
    expect(rulesOf(`type Query { a: Int @rego(policies: [["p"]]) }`).get("Query.a")?.policies).toEqual([
      ["p"],
    ]);
  });

  test("ignores a directive of the same name that belongs to no specification", () => {
    const supergraph = parseSupergraph(`
      schema @link(url: "https://specs.apollo.dev/link/v1.0")
        @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
      directive @authenticated on FIELD_DEFINITION
      directive @join__graph(name: String!, url: String!) on ENUM_VALUE
      directive @join__type(graph: join__Graph!) repeatable on OBJECT
      directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
      scalar link__Import
      enum link__Purpose { SECURITY EXECUTION }
      enum join__Graph { A @join__graph(name: "a", url: "http://a.test") }
      type Query @join__type(graph: A) { a: Int @authenticated }
    `);
    expect(readSecurityRules(supergraph).size).toBe(0);
  });

  test("asks for a computed field what is asked for all that it is computed from, through others too", () => {
    const withRequires = (fieldSet: string) => `@join__field(graph: LIBRARY, requires: "${fieldSet}")`;
    const rules = rulesOf(
      `type Query { book: Book }
      type Book @key(fields: "isbn") {
        isbn: ID! cost: Int @rego(policies: [["p"]]) shelf: Shelf margin: Int label: String plain: String
      }
      type Shelf { room: Room } type Room @authenticated { key: String @requiresScopes(scopes: [["keys"]]) }`,
      (sdl) =>
        sdl
          .replace("margin: Int", `$& ${withRequires("cost")}`)
          .replace(
            "label: String",
            `$& ${withRequires("margin shelf { ... on Shelf { room { key __typename } } }")}`,
          )
          .replace("plain: String", `$& ${withRequires("isbn")}`),
    );
    expect(rules.get("Book.margin")).toEqual({ authenticated: false, scopes: undefined, policies: [["p"]] });
    expect(rules.get("Book.label")).toEqual({ authenticated: true, scopes: [["keys"]], policies: [["p"]] });
    expect(rules.has("Book.plain")).toBe(false);
  });

  test("asks for a field what the value demands that it reads from an object above", () => {
    const sdl = `type Query { shop: Shop }
      type Shop @key(fields: "id") @context(name: "shop") {
        id: ID! currency: String @authenticated @requiresScopes(scopes: [["money"]]) items: [Item] }
      type Item @key(fields: "id") {
        id: ID!
        price(in: String @fromContext(field: "$shop { currency }")): Int @authenticated @requiresScopes(scopes: [["money"]])
        size: Int
      }`;
    // As supergraphs were composed before the author had to say so.
    const rules = rulesOf(sdl, (composed) => composed.replace(/(price: Int[^\n]*?) @authenticated.*/, "$1"));
    expect(rules.get("Item.price")).toEqual({
      authenticated: true,
      scopes: [["money"]],
      policies: undefined,
    });
    expect(rules.has("Item.size")).toBe(false);
  });

  test("asks of an interface what all its implementers ask", () => {
    const rules = rulesOf(`
      type Query { items: [Item] }
      interface Item { title: String }
      type Book implements Item @authenticated { title: String @requiresScopes(scopes: [["a"], ["b"]]) }
      type Disc implements Item { title: String @requiresScopes(scopes: [["a"], ["c"]]) }
    `);
    expect(rules.get("Item")).toMatchObject({ authenticated: true });
    expect(rules.get("Item.title")?.scopes).toEqual([["a"], ["b", "c"]]);
  });

  test("asks it also where composition has not copied the rules up to the interface", () => {
    const sdl = `
      type Query { items: [Item] }
      interface Item { title: String }
      type Book implements Item @authenticated { title: String }`;
    const rules = rulesOf(sdl, (composed) => composed.replace(/(interface Item[^{]*)@authenticated/, "$1"));
    expect(rules.get("Item")).toMatchObject({ authenticated: true });
  });

  test.each(["[]", "[[]]", `[["p"], []]`])(
    "refuses the empty list in %s and names the coordinate",
    (lists) => {
      const read = () => rulesOf(`type Query { a: Int @rego(policies: ${lists}) }`);
      expect(read).toThrow(SupergraphError);
      expect(read).toThrow("Query.a has an empty list in @rego");
    },
  );
});
