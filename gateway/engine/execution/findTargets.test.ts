import { describe, expect, test } from "@jest/globals";
import { buildSchema } from "graphql";
import { copyData, type DataObject } from "./data.ts";
import { findTargets } from "./findTargets.ts";
import { createTypeConditions } from "./typeConditions.ts";

const types = createTypeConditions(
  buildSchema(`type Query { all: [[Item]] } interface Item { id: ID } type Book implements Item { id: ID }
    type Film implements Item { id: ID }`),
);

// Copies of objects are objects.
const data = copyData({
  all: [[{ __typename: "Book", id: 1 }, null], null, [{ __typename: "Film", id: 2 }]],
}) as DataObject;

const find = (...segments: Parameters<typeof findTargets>[1]) =>
  findTargets([{ object: data, path: [] }], segments, types).map(({ object, path }) => [object.id, path]);

const items = { kind: "items" } as const;

describe("findTargets", () => {
  test("goes through lists of lists and leaves nulls out", () => {
    expect(find({ kind: "field", key: "all" }, items, items)).toEqual([
      [1, ["all", 0, 0]],
      [2, ["all", 2, 0]],
    ]);
  });

  test("goes through them by one step too, as Hive's planner writes it", () => {
    expect(find({ kind: "field", key: "all" }, items)).toEqual([
      [1, ["all", 0, 0]],
      [2, ["all", 2, 0]],
    ]);
  });

  test("keeps objects of the types that the path names, by name or by interface", () => {
    const all = { kind: "field", key: "all" } as const;
    expect(find(all, items, items, { kind: "type", names: ["Film"] })).toEqual([[2, ["all", 2, 0]]]);
    expect(find(all, items, items, { kind: "type", names: ["Item"] })).toHaveLength(2);
  });

  test("finds nothing where data has another form than the plan", () => {
    expect(find({ kind: "field", key: "none" }, items)).toEqual([]);
    expect(find(items)).toEqual([]);
    expect(find({ kind: "field", key: "all" })).toEqual([]);
  });
});
