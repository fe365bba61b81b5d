import { describe, expect, test } from "@jest/globals";
import { isConsentLive, nextConsentVersion } from "./recordConsent.ts";

/** Decisions on one purpose, in the order of their versions: G granted, R refused, W withdrawn. */
function history(decisions: string) {
  const names: Record<string, string> = { G: "GRANTED", R: "REFUSED", W: "WITHDRAWN" };
  return [...decisions].map((letter, index) => ({
    purpose: "research",
    decision: names[letter] ?? letter,
    version: index + 1,
  }));
}

describe("isConsentLive", () => {
  test.each([
    ["", false],
    ["G", true],
    ["R", false],
    ["W", false],
    ["GG", true],
    ["GW", false],
    ["GR", false],
    ["RG", false],
    ["GRG", false],
    ["RW", false],
    ["RWG", true],
    ["GWG", true],
    ["GWR", false],
    ["RGW", false],
  ])("after %j: %s", (decisions, live) => {
    expect(isConsentLive(history(decisions), "research")).toBe(live);
    // Rows come in any order.
    expect(isConsentLive(history(decisions).reverse(), "research")).toBe(live);
  });

  test("looks at one purpose only", () => {
    expect(isConsentLive(history("G"), "sale")).toBe(false);
    expect(
      isConsentLive([...history("G"), { purpose: "sale", decision: "REFUSED", version: 9 }], "research"),
    ).toBe(true);
  });

  test.each(["WITHDRAWN", "REFUSED"])(
    "takes %s for the later of two with one version, in either order",
    (decision) => {
      const both = [
        { purpose: "research", decision: "GRANTED", version: 1 },
        { purpose: "research", decision, version: 1 },
      ];
      expect([isConsentLive(both, "research"), isConsentLive(both.toReversed(), "research")]).toEqual([
        false,
        false,
      ]);
    },
  );
});

test("versions count from 1 for each purpose", () => {
  expect(nextConsentVersion([], "research")).toBe(1);
  expect(nextConsentVersion(history("GRW"), "research")).toBe(4);
  expect(nextConsentVersion(history("GRW"), "sale")).toBe(1);
});
