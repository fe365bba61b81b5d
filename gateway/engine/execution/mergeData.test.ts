import { describe, expect, test } from "@jest/globals";
import { ABSENT, copyData, type DataObject } from "./data.ts";
import { mergeData } from "./mergeData.ts";

function merge(known: unknown, arrived: unknown): unknown {
  // Copies of objects are objects.
  const target = copyData({ value: known }) as DataObject;
  mergeData(target, copyData({ value: arrived }) as DataObject, (name) => name === "Book");
  return target.value;
}

const error = new Error("planted");

describe("mergeData", () => {
  test.each([
    ["objects by key", { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ["lists item by item", [{ a: 1 }, null], [{ b: 2 }, { b: 3 }], [{ a: 1, b: 2 }, { b: 3 }]],
    ["lists of lists", [[{ a: 1 }]], [[{ b: 2 }]], [[{ a: 1, b: 2 }]]],
    ["nothing under a value", null, 1, 1],
    ["an absence under a null", ABSENT, null, null],
    ["an error under a value", error, 1, 1],
    ["an error over a null", null, error, error],
    [
      "the name of an object type, known first",
      { __typename: "Book" },
      { __typename: "Item" },
      { __typename: "Book" },
    ],
    [
      "the name of an object type, known last",
      { __typename: "Item" },
      { __typename: "Book" },
      { __typename: "Book" },
    ],
  ])("puts together %s", (_name, known, arrived, expected) => {
    expect(merge(known, arrived)).toEqual(expected);
  });

  test.each([
    ["a value", 1, null],
    ["an object", { a: 1 }, error],
    ["an error", error, null],
  ])("does not lose %s to what says less", (_name, known, arrived) => {
    expect(merge(known, arrived)).toEqual(known);
  });

  test("treats __proto__ as a key", () => {
    const merged = merge({ a: 1 }, JSON.parse(`{ "__proto__": { "polluted": true } }`));
    expect(Object.keys(merged ?? {})).toEqual(["a", "__proto__"]);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});
