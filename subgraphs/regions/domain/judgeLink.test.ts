import { describe, expect, test } from "@jest/globals";
import { judgeLink } from "./judgeLink.ts";

const now = new Date("2026-03-03T12:00:00Z");
const ago = (ms: number) => new Date(now.getTime() - ms);

describe("judgeLink", () => {
  test.each([
    ["fresh and near", 3, 100, 50, "STREAMING"],
    ["near, but its receiver has said nothing for a while", 3, 6_100, 6_000, "CATCHING_UP"],
    ["far behind", 9_000, 100, 50, "CATCHING_UP"],
    ["not heard by its receiver for long", 40_000, 40_000, 50, "BROKEN"],
    ["of a receiver that is gone", 3, 60_100, 60_000, "BROKEN"],
  ] as const)("%s", (_case, lagMs, heardAgoMs, measuredAgoMs, state) => {
    expect(judgeLink({ lagMs, heardAt: ago(heardAgoMs), measuredAt: ago(measuredAgoMs) }, now)).toBe(state);
  });

  test("a link that was never measured is absent", () => expect(judgeLink(null, now)).toBe("ABSENT"));
});
