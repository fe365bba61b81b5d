import { describe, expect, test } from "@jest/globals";
import type { Domain } from "../fusionContributions.ts";
import { decayConfidence, findLastHeard } from "./decayConfidence.ts";

const now = new Date("2026-03-03T00:00:00Z");

describe("decayConfidence", () => {
  test.each<[Domain, number, number]>([
    ["SOCIAL", 7, 0.5],
    ["SOCIAL", 21, 0.125],
    ["GEOPOLITICAL", 15, Math.SQRT1_2],
    ["INFRASTRUCTURE", 60, 0.5],
    ["ECONOMIC", 180, 0.25],
    ["CYBER", 180, 0.5],
  ])("of %s, %d days leave %d", (domain, days, left) => {
    expect(decayConfidence(domain, daysAgo(days), now)).toBeCloseTo(left, 12);
  });

  test("what is newer than the last that was heard is as fresh as can be, never fresher", () => {
    expect(decayConfidence("SOCIAL", daysAgo(-100), now)).toBe(1);
  });
});

describe("findLastHeard", () => {
  test("takes the newest of each domain, from whichever country", () => {
    const signals = [400, 300].map((days) => ({ domain: "CYBER" as const, observedAt: daysAgo(days) }));
    expect(findLastHeard(signals, now)).toEqual(new Map<Domain, Date>([["CYBER", daysAgo(300)]]));
  });

  test("lets no signal from the future make all others old", () => {
    expect(findLastHeard([{ domain: "CYBER", observedAt: daysAgo(-1_000) }], now).get("CYBER")).toEqual(now);
  });
});

function daysAgo(days: number): Date {
  return new Date(now.getTime() - days * 24 * 60 * 60_000);
}
