import { expect, test } from "@jest/globals";
import { firstFault, refuseLength, refuseRange, refuseSlug } from "./parseInput.ts";

test.each(["research", "a", "0", "risk-model-2", "x".repeat(64)])("a slug may be %s", (value) => {
  expect(refuseSlug("purpose", value)).toBeNull();
});

test.each(["", "Research", "a b", "-a", "a-", "a--b", "ä", "a\n", "x".repeat(65)])(
  "a slug is not %j",
  (value) => {
    expect(refuseSlug("purpose", value)).toMatch(/^expected `purpose` as lower-case words .*; got "/);
  },
);

test("a text has 1 to so many characters, and more than blanks", () => {
  expect(refuseLength("reason", "abc", 3)).toBeNull();
  expect(refuseLength("reason", "abcd", 3)).toBe("expected `reason` with 1 to 3 characters; got 4");
  for (const blank of ["", " ", "\n\t"]) {
    expect(refuseLength("reason", blank, 3)).toBe("expected `reason` with 1 to 3 characters; got none");
  }
});

test("a text has no character that PostgreSQL cannot store", () => {
  expect(refuseLength("reason", "a\0b", 3)).toBe("expected `reason` without the character U+0000");
});

test("a number is within its bounds, both allowed, and never NaN", () => {
  expect([refuseRange("score", 0, 0, 1), refuseRange("score", 1, 0, 1)]).toEqual([null, null]);
  expect(refuseRange("score", 1.01, 0, 1)).toBe("expected `score` from 0 to 1; got 1.01");
  expect(refuseRange("score", Number.NaN, 0, 1)).toContain("got NaN");
});

test("of several faults the first is told", () => {
  expect(firstFault(null, "one", "two")).toBe("one");
  expect(firstFault(null, null)).toBeNull();
});
