import { describe, expect, test } from "@jest/globals";
import { buildSchema, getIntrospectionQuery } from "graphql";
import { AppError } from "../errors.ts";
import { createAdmitOperation } from "./admitOperation.ts";

const schema = buildSchema(
  "type Query { book(isbn: ID!): Book books: [Book] } type Book { title: String next: Book }",
);
const limits = { tokens: 1_000, depth: 15, aliases: 5, rootFields: 5, directives: 5 };

function createAdmit(suggestions = false) {
  const lookups: string[] = [];
  const admit = createAdmitOperation({
    schema,
    limits,
    suggestions,
    onCache: (result) => lookups.push(result),
  });
  return { lookups, admit: (query: string, operationName?: string) => admit({ query, operationName }) };
}

describe("admitOperation", () => {
  test("selects the only operation, or the one that is named", () => {
    const { admit } = createAdmit();
    expect(admit("{ books { title } }")).toMatchObject({
      kind: "admitted",
      operation: { operation: "query" },
    });
    const two = "query A { books { title } } query B { books { title } }";
    expect(admit(two, "B")).toMatchObject({ kind: "admitted", operation: { name: { value: "B" } } });
  });

  test.each([
    ["query A { __typename } query B { __typename }", undefined],
    ["query A { __typename }", "B"],
    ["fragment F on Book { title }", undefined],
  ])("refuses %p by the name %p with a code", (query, name) => {
    const refused = createAdmit().admit(query, name);
    expect(refused).toMatchObject({
      kind: "refused",
      errors: [{ extensions: { code: expect.any(String) } }],
    });
  });

  test("parses and validates a text once, whether it was good or not", () => {
    const { admit, lookups } = createAdmit();
    const first = admit("{ books { title } }");
    expect(admit("{ books { title } }")).toEqual(first);
    admit("{ nonsense }");
    admit("{ nonsense }");
    expect(lookups).toEqual(["miss", "hit", "miss", "hit"]);
  });

  test("says where a mistake is, with its code", () => {
    expect(createAdmit().admit("{ books { titel } }")).toMatchObject({
      errors: [{ locations: [{ line: 1, column: 11 }], extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
    });
    expect(createAdmit().admit("{ books {")).toMatchObject({
      errors: [{ extensions: { code: "GRAPHQL_PARSE_FAILED" } }],
    });
  });

  test("suggests names only where that is wanted", () => {
    const textOf = (suggestions: boolean) =>
      JSON.stringify(createAdmit(suggestions).admit("{ books { titel } }"));
    expect(textOf(true)).toContain("Did you mean");
    expect(textOf(false)).not.toContain("Did you mean");
  });

  test.each([
    ["tokens", `{ books { ${"title ".repeat(1_000)} } }`],
    ["levels of nesting", `{ books { ${"next { ".repeat(15)} title ${"}".repeat(15)} } }`],
    [
      "levels of nesting",
      `{ books { ...A } } ${["A", "B", "C", "D"]
        .map(
          (name, at, all) =>
            `fragment ${name} on Book { next { next { next { next { title ...${all[at + 1] ?? "Z"} } } } } }`,
        )
        .join(" ")} fragment Z on Book { title }`,
    ],
    ["aliases", "{ a: __typename b: __typename c: __typename d: __typename e: __typename f: __typename }"],
    ["directives", `{ books { ${"... @include(if: true) { title } ".repeat(6)} } }`],
    ["pairs of fields of one name in one place", `{ books { ${"title ".repeat(300)} } }`],
    [
      "fields",
      `{ books { ...F0 } } ${Array.from(
        { length: 15 },
        (_, at) => `fragment F${at} on Book { ...F${at + 1} ...F${at + 1} }`,
      ).join(" ")} fragment F15 on Book { title }`,
    ],
  ])("refuses more %s than are allowed, and says how many are", (what, query) => {
    const admit = () => createAdmit().admit(query);
    expect(admit).toThrow(AppError);
    expect(admit).toThrow(new RegExp(`Expected at most \\d+ ${what}, got more\\.`));
  });

  test("lets the introspection of explorers through with the default limits", () => {
    const defaults = { tokens: 15_000, depth: 50, aliases: 200, rootFields: 100, directives: 200 };
    const admit = createAdmitOperation({ schema, limits: defaults, suggestions: false });
    const query = getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true });
    expect(admit({ query, operationName: undefined }).kind).toBe("admitted");
  });
});
