import { describe, expect, test } from "@jest/globals";
import { createArgumentLoader } from "./createArgumentLoader.ts";
import { createListLoader, createLoader } from "./createLoader.ts";

type Row = { readonly id: string; readonly parent: string };

const rows: readonly Row[] = [
  { id: "b", parent: "one" },
  { id: "a", parent: "one" },
  { id: "c", parent: "two" },
];

/** Finds rows as a database does, in its own order, and remembers what it was asked. */
function createTable() {
  const asked: (readonly string[])[] = [];
  const find = (of: "id" | "parent") => async (keys: readonly string[]) => {
    asked.push(keys);
    return rows.filter((row) => keys.includes(row[of]));
  };
  return { asked, find };
}

describe("createLoader", () => {
  test("asks once for one tick and answers in the order of the keys, null for what is missing", async () => {
    const { asked, find } = createTable();
    const loader = createLoader(find("id"), ({ id }) => id);
    const found = await Promise.all(["c", "x", "a", "c"].map((key) => loader.load(key)));
    expect(found.map((row) => row?.id)).toEqual(["c", undefined, "a", "c"]);
    expect(found[1]).toBeNull();
    expect(asked).toEqual([["c", "x", "a"]]);
  });

  test("never asks for a key that PostgreSQL cannot hold", async () => {
    const { asked, find } = createTable();
    const loader = createLoader(find("id"), ({ id }) => id);
    expect(await Promise.all([loader.load("a\0"), loader.load("a")])).toEqual([null, rows[1]]);
    expect(asked).toEqual([["a"]]);
  });
});

describe("createListLoader", () => {
  test("gives each key its rows in the order found, and an empty list where there are none", async () => {
    const { asked, find } = createTable();
    const loader = createListLoader(find("parent"), ({ parent }) => parent);
    const found = await Promise.all(["two", "none", "one"].map((key) => loader.load(key)));
    expect(found.map((list) => list.map(({ id }) => id))).toEqual([["c"], [], ["b", "a"]]);
    expect(asked).toHaveLength(1);
  });

  test("leaves out rows that nobody asked for", async () => {
    const loader = createListLoader(
      async () => rows,
      ({ parent }) => parent,
    );
    expect(await loader.load("two")).toEqual([rows[2]]);
  });
});

describe("createArgumentLoader", () => {
  test("asks once for all parents with the same arguments, and once more for others", async () => {
    const asked: unknown[] = [];
    const loader = createArgumentLoader(
      async (parents, args: { readonly first: number }) => {
        asked.push([parents, args]);
        return rows.filter(({ parent }) => parents.includes(parent)).slice(0, args.first);
      },
      ({ parent }) => parent,
    );
    const lists = await Promise.all([
      loader.load("one", { first: 9 }),
      loader.load("two", { first: 9 }),
      loader.load("one", { first: 1 }),
    ]);
    expect(lists.map((list) => list.map(({ id }) => id))).toEqual([["b", "a"], ["c"], ["b"]]);
    expect(asked).toEqual([
      [["one", "two"], { first: 9 }],
      [["one"], { first: 1 }],
    ]);
  });
});
