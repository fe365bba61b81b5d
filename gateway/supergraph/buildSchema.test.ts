import { describe, expect, test } from "@jest/globals";
import { buildSchema as buildAtOnce, lexicographicSortSchema, printSchema, validateSchema } from "graphql";
import { buildSchema } from "./buildSchema.ts";

const parts = [
  `directive @mark(on: Kind = A) repeatable on FIELD_DEFINITION
   "described" interface Node { id: ID! }
   type Query { node(id: ID!, by: By = { kind: A }): Node  any: [Any!] @deprecated(reason: "old") }`,
  `type One implements Node { id: ID! two: Two } type Two { one: One! at: Date }
   union Any = One | Two  enum Kind { A B @deprecated }  input By { kind: Kind = B, by: By }
   scalar Date @specifiedBy(url: "https://example.test/date")  type Mutation { set(by: By!): Two }`,
];

describe("buildSchema", () => {
  test("gives the schema that graphql-js gives of the whole", async () => {
    const schema = await buildSchema(parts);
    const expected = buildAtOnce(parts.join("\n"));
    expect(printSchema(lexicographicSortSchema(schema))).toBe(printSchema(lexicographicSortSchema(expected)));
    expect(Object.keys(schema.getTypeMap())).toEqual(Object.keys(expected.getTypeMap()));
    expect(schema.getDirectives().map(({ name }) => name)).toEqual(
      expected.getDirectives().map(({ name }) => name),
    );
    expect(validateSchema(expected)).toEqual([]);
  });

  test("knows roots by a schema definition", async () => {
    const schema = await buildSchema([
      "schema { query: Start }",
      "type Start { a: Int }  type Query { b: Int }",
    ]);
    expect([schema.getQueryType()?.name, schema.getMutationType()]).toEqual(["Start", undefined]);
  });

  test("lets others have their turn while it builds", async () => {
    const wide = Array.from(
      { length: 4_000 },
      (_, at) => `type T${at} { a: Int b(c: Int): T${(at + 1) % 4_000} }`,
    );
    let turns = 0;
    let isBuilt = false;
    const count = () => {
      turns += 1;
      if (!isBuilt) setImmediate(count);
    };
    setImmediate(count);
    await buildSchema(["type Query { t: T0 }", ...wide]);
    isBuilt = true;
    expect(turns).toBeGreaterThan(2);
  });
});
