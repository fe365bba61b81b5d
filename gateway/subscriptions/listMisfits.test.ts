import { describe, expect, test } from "@jest/globals";
import { buildSchema, parse } from "graphql";
import { listMisfits } from "./listMisfits.ts";

const sdl = `
  type Query { a(by: Filter, order: Order): A  abstract: Abstract }
  interface Abstract { id: ID }
  type A implements Abstract { id: ID  b: B  size(unit: String): Int }
  type B { c: Int }
  input Filter { name: String  like: String }
  enum Order { UP DOWN }`;
const before = buildSchema(sdl);

const document = `query ($like: String) {
  first: a(by: { name: "x", like: $like }, order: DOWN) { b { c } size(unit: "m") }
  abstract { ... on A { id } ...Named }
}
fragment Named on A { id }`;

describe("listMisfits", () => {
  test("finds none where the document still fits", () => {
    expect(listMisfits(parse(document), before, buildSchema(`${sdl} type More { x: Int }`))).toEqual([]);
  });

  test.each([
    ["a field", "b: B ", "", ["A.b"]],
    ["an argument", "size(unit: String)", "size", ["A.size(unit:)"]],
    ["an input field", "name: String ", "", ["Filter.name"]],
    ["an enum value", "UP DOWN", "UP", ["Order.DOWN"]],
    ["a type that a fragment names", "type A implements Abstract", "type A", ["A"]],
    ["a field that became an object", "c: Int", "c: A", ["B.c"]],
    ["an argument that must be given now", "unit: String", "unit: String, of: Int!", ["A.size"]],
  ])("names %s that is gone or changed", (_what, part, by, expected) => {
    expect(listMisfits(parse(document), before, buildSchema(sdl.replace(part, by)))).toEqual(expected);
  });

  test("names a type that a variable has", () => {
    const after = buildSchema(sdl.replaceAll("Filter", "Renamed"));
    expect(listMisfits(parse("query ($by: Filter) { a(by: $by) { id } }"), before, after)).toContain(
      "Filter",
    );
  });

  test("names each place once", () => {
    const twice = parse("{ one: a { b { c } } two: a { b { c } } }");
    expect(listMisfits(twice, before, buildSchema(sdl.replace("c: Int", "d: Int")))).toEqual(["B.c"]);
  });
});
