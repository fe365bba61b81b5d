import { describe, expect, test } from "@jest/globals";
import { markingField, residencyField } from "./filterFields.ts";
import { parseCondition } from "./parseCondition.ts";
import { findRowFilter } from "./rowFilter.ts";
import { toSql } from "./toSql.ts";
import { toWhere } from "./toWhere.ts";

const fields = { marking: markingField, residency: residencyField };
const marking = { type: "field", operator: "in", field: "marking", value: ["CLEAR", "GREEN"] };
const near = { type: "field", operator: "in", field: "residency", value: ["GLOBAL", "US"] };
const both = {
  type: "compound",
  operator: "and",
  value: [marking, { type: "compound", operator: "or", value: [near] }],
};
const reader = (filter?: unknown) => ({
  tenant: "acme",
  filters: filter === undefined ? {} : { Signal: filter },
});
const sqlOf = (filter?: unknown) => {
  const { text, values } = toSql(reader(filter), { type: "Signal", alias: "s", fields });
  return { text, values };
};

describe("a filter of rows", () => {
  test("shows no row of a type that the gateway says nothing about", () => {
    expect(findRowFilter(reader(), "Signal")).toEqual({ kind: "none" });
    expect(findRowFilter({ tenant: "acme", filters: Object.create({ Signal: "all" }) }, "Signal")).toEqual({
      kind: "none",
    });
    expect(sqlOf().text).toBe("false");
    expect(toWhere(reader(), "Signal", fields)).toEqual({ AND: [{ OR: [] }] });
  });

  test("shows all rows only when the gateway says so in so many words", () => {
    expect(sqlOf("all").text).toBe("true");
    expect(toWhere(reader("all"), "Signal", fields)).toEqual({ AND: [] });
  });

  test("becomes SQL whose values are parameters, in the words of the table", () => {
    expect(sqlOf(both)).toEqual({
      text: "(s.marking = ANY ($1::text[]) AND (s.residency = ANY ($2::text[])))",
      values: [
        ["CLEAR", "GREEN"],
        ["global", "us"],
      ],
    });
  });

  test("becomes a where of Prisma that nothing beside it can overwrite", () => {
    expect(toWhere(reader(both), "Signal", fields)).toEqual({
      AND: [
        { AND: [{ marking: { in: ["CLEAR", "GREEN"] } }, { OR: [{ residency: { in: ["global", "us"] } }] }] },
      ],
    });
  });

  test("matches nothing by a value that no row can have", () => {
    const mars = { type: "field", operator: "eq", field: "residency", value: "MARS" };
    expect(sqlOf(mars).text).toBe("false");
    expect(toWhere(reader(mars), "Signal", fields)).toEqual({ AND: [{ OR: [] }] });
  });

  test.each<[string, unknown]>([
    ["an empty or, which ucast-prisma turns into every row", { type: "compound", operator: "or", value: [] }],
    ["an empty and", { type: "compound", operator: "and", value: [] }],
    ["a negation", { type: "compound", operator: "not", value: [marking] }],
    ["an operator that is not known", { ...marking, operator: "regex", value: ".*" }],
    ["a field that the list does not name", { ...marking, field: "tenant" }],
    ["a field of every object", { ...marking, field: "__proto__" }],
    ["a field of another table", { ...marking, field: "signal.marking" }],
    ["a field with SQL in its name", { ...marking, field: "marking = marking OR true --" }],
    ["a column as the value", { ...marking, operator: "eq", value: { field: "residency" } }],
    ["a list for a single value", { ...marking, operator: "eq" }],
    ["null as the value", { ...marking, operator: "eq", value: null }],
    ["NaN as the value", { ...marking, operator: "gt", value: Number.NaN }],
    ["null in a list", { ...marking, value: ["CLEAR", null] }],
    ["a type that is not known", { ...marking, type: "itself" }],
    ["a text", "everything"],
    ["a list", [marking]],
    ["true", true],
    ["nothing", {}],
    ["a part that is broken", { ...both, value: [marking, {}] }],
    [
      "one that is too deep",
      Array.from({ length: 20 }).reduce(
        (inner) => ({ type: "compound", operator: "and", value: [inner] }),
        marking,
      ),
    ],
    ["one that is too long", { type: "compound", operator: "or", value: Array(300).fill(marking) }],
  ])("is refused when it is %s", (_, filter) => {
    const refused = expect.objectContaining({ code: "CONTEXT_REFUSED" });
    expect(() => sqlOf(filter)).toThrow(refused);
    expect(() => toWhere(reader(filter), "Signal", fields)).toThrow(refused);
  });

  test("says what was expected and where", () => {
    expect(() =>
      parseCondition({ ...both, value: [marking, { ...near, operator: "like" }] }, "Signal"),
    ).toThrow(
      "the filter of Signal cannot be applied: expected the operator in, eq, lt, lte, gt, gte at condition.1",
    );
  });
});
