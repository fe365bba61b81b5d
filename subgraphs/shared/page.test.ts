import { describe, expect, test } from "@jest/globals";
import { parseFirst, parsePage, toConnection, toCursor } from "./page.ts";

const options = { size: 20, sizeMax: 100, key: ["moment", "uuid"] } as const;
const key = ["2026-03-03T12:00:00.000Z", "0192b1c4-7d6e-7f00-8000-000000000001"];

describe("parsePage", () => {
  test("asks for one row more than the page has, and starts at the top", () => {
    expect(parsePage({}, options)).toEqual({ take: 21, after: null });
    expect(parsePage({ first: 5, after: null }, options)).toEqual({ take: 6, after: null });
  });

  test("takes back the cursor of an earlier page", () => {
    expect(parsePage({ after: toCursor(key) }, options).after).toEqual(key);
  });

  test.each([
    ["no cursor at all", "next please"],
    ["an empty text", ""],
    ["JSON of another form", Buffer.from('{"a":1}').toString("base64url")],
    ["a key of another length", toCursor(key.slice(1))],
    ["a key of another list", toCursor(["Germany", key[1] ?? ""])],
    ["a moment that is none", toCursor(["2026-13-03T12:00:00.000Z", key[1] ?? ""])],
    ["parts that are no texts", Buffer.from("[1,2]").toString("base64url")],
  ])("refuses %s as BAD_USER_INPUT", (_what, after) => {
    expect(() => parsePage({ after }, options)).toThrow(
      expect.objectContaining({
        code: "BAD_USER_INPUT",
        message: expect.stringContaining("expected a cursor from an earlier page of this list; got"),
      }),
    );
  });

  test("knows numbers and texts, and no text that the database cannot hold", () => {
    const parse = (part: "number" | "text", value: string) => () =>
      parsePage({ after: toCursor([value]) }, { size: 1, sizeMax: 1, key: [part] });
    expect(parse("number", "-0.5e-3")().after).toEqual(["-0.5e-3"]);
    for (const value of ["", "x", "NaN", "Infinity"])
      expect(parse("number", value)).toThrow("expected a cursor");
    expect(parse("text", "")().after).toEqual([""]);
    expect(parse("text", "a\0b")).toThrow("expected a cursor");
  });
});

test("sizes are bounded at both ends, with what was expected and what came", () => {
  expect([parseFirst(1, 100), parseFirst(100, 100)]).toEqual([1, 100]);
  expect(() => parseFirst(0, 100)).toThrow("expected `first` from 1 to 100; got 0");
  expect(() => parseFirst(101, 100)).toThrow("got 101");
});

describe("toConnection", () => {
  const count = async () => 3;
  const toKeys = (rows: string[], take: number, after: string[] | null = null) =>
    toConnection(rows, { take, after }, (row) => [row], count);

  test("leaves out the row that only tells of a next page", () => {
    const { edges, pageInfo } = toKeys(["a", "b", "c"], 3);
    expect(edges.map(({ node }) => node)).toEqual(["a", "b"]);
    expect(pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: toCursor(["a"]),
      endCursor: toCursor(["b"]),
    });
  });

  test("has no next page when fewer rows came than were asked for", () => {
    expect(toKeys(["a", "b"], 3).pageInfo.hasNextPage).toBe(false);
    expect(toKeys(["b"], 3, ["a"]).pageInfo.hasPreviousPage).toBe(true);
  });

  test("has no cursors when it is empty", () => {
    expect(toKeys([], 3)).toMatchObject({ edges: [], pageInfo: { startCursor: null, endCursor: null } });
  });

  test("counts only when asked", async () => {
    let counted = 0;
    const { totalCount } = toConnection(
      [],
      { take: 1, after: null },
      () => [],
      async () => {
        counted += 1;
        return 7;
      },
    );
    expect(counted).toBe(0);
    expect(await totalCount()).toBe(7);
  });
});
