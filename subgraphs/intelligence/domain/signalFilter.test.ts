import { describe, expect, test } from "@jest/globals";
import { type FilteredFields, matchesFilter } from "./signalFilter.ts";

const signal: FilteredFields = {
  domain: "CYBER",
  countryCode: "DE",
  sourceCode: "cisa-kev",
  severity: 0.5,
  observedAt: new Date("2026-03-03T12:00:00Z"),
};

describe("matchesFilter", () => {
  test.each([
    [{}, true],
    [{ domains: ["CYBER", "SOCIAL"] }, true],
    [{ domains: ["SOCIAL"] }, false],
    [{ domains: [] }, false],
    [{ countries: ["DE"] }, true],
    [{ countries: ["FR"] }, false],
    [{ sources: ["cisa-kev"] }, true],
    [{ sources: ["analyst"] }, false],
    [{ minSeverity: 0.5 }, true],
    [{ minSeverity: 0.51 }, false],
    [{ observedFrom: signal.observedAt }, true],
    [{ observedBefore: signal.observedAt }, false],
    [{ domains: ["CYBER"], countries: ["DE"], minSeverity: 0.6 }, false],
  ])("%j: %s", (filter, matches) => {
    expect(matchesFilter(filter, signal)).toBe(matches);
  });

  test("a signal of no country matches no country", () => {
    expect(matchesFilter({ countries: ["DE"] }, { ...signal, countryCode: null })).toBe(false);
    expect(matchesFilter({}, { ...signal, countryCode: null })).toBe(true);
  });
});
