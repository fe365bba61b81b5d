import { describe, expect, test } from "@jest/globals";
import { buildSchema } from "graphql";
import { checkComposition, compareSchemas } from "./supergraph.ts";

describe("composition", () => {
  test("works, and every type of the graph is described", async () => {
    expect(await checkComposition()).toEqual([]);
  });
});

describe("breaking changes", () => {
  const before = buildSchema("type Query { book(id: ID!): Book } type Book { title: String! pages: Int }");

  test("are what callers would notice, and not what is new", async () => {
    const after = buildSchema(
      "type Query { book(id: ID!, in: Int!): Book } type Book { title: String, isbn: ID }",
    );
    const changes = await compareSchemas(before, after, new Set());
    expect(changes.map(({ type, path }) => `${type} ${path}`).sort()).toEqual([
      "FIELD_ARGUMENT_ADDED Query.book.in",
      "FIELD_REMOVED Book.pages",
      "FIELD_TYPE_CHANGED Book.title",
    ]);
  });

  test("may be allowed one by one", async () => {
    const after = buildSchema("type Query { book(id: ID!): Book } type Book { title: String! }");
    expect(await compareSchemas(before, after, new Set())).toHaveLength(1);
    expect(await compareSchemas(before, after, new Set(["FIELD_REMOVED Book.pages"]))).toEqual([]);
  });
});
