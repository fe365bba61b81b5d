import { expect, test } from "@jest/globals";
import { retentionRules } from "./retentionRules.ts";

test("has one rule for each class and jurisdiction, with a time and a reason", () => {
  const keys = retentionRules.map(({ dataClass, jurisdictionCode }) => `${dataClass} ${jurisdictionCode}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(4 * 5);
  for (const { keepDays, basis } of retentionRules) {
    expect(keepDays).toBeGreaterThan(0);
    expect(basis).not.toBe("");
  }
});

test("keeps data that no known law protects no longer than the strictest law would", () => {
  for (const rule of retentionRules.filter(({ jurisdictionCode }) => jurisdictionCode === "GLOBAL")) {
    const others = retentionRules.filter(({ dataClass }) => dataClass === rule.dataClass);
    expect(rule.keepDays).toBe(Math.min(...others.map(({ keepDays }) => keepDays)));
  }
});
