import { describe, expect, test } from "@jest/globals";
import { conflictDefaults, poolDempsterShafer } from "./poolDempsterShafer.ts";
import type { DomainSummary } from "./summariseDomains.ts";

/** Trust of 1/2 each. The weights are 0.3 and 0.2, so t = 0.5 and (0.2/0.3)·0.5 = 0.333333. */
const geopolitical = summary({ domain: "GEOPOLITICAL", severity: 0.8, trust: 0.5 });
const cyber = summary({ domain: "CYBER", severity: 0.1, trust: 0.5 });

/**
 * m1: risk 0.4, calm 0.1, either 0.5. m2: risk 0.033333, calm 0.3, either 0.666667.
 * risk   0.4·0.033333 + 0.4·0.666667 + 0.5·0.033333 = 0.296667
 * calm   0.1·0.3 + 0.1·0.666667 + 0.5·0.3           = 0.246667
 * either 0.5·0.666667                                = 0.333333
 * K      0.4·0.3 + 0.1·0.033333                      = 0.123333
 */
describe("poolDempsterShafer", () => {
  test("normalises by 1 − K, and what nobody knows counts at the base rate", () => {
    // risk 0.296667/0.876667 = 0.338403, either 0.333333/0.876667 = 0.380228. P = 0.338403 + 0.1·0.380228
    const { probability, shares, report } = poolDempsterShafer([geopolitical, cyber], conflictDefaults);
    expect(probability).toBeCloseTo(0.376426, 6);
    expect(shares[0]).toBeCloseTo(0.6, 12);
    expect(report).toMatchObject({ conflicted: false, rule: "dempster" });
    expect(report.conflict).toBeCloseTo(0.123333, 6);
    expect(report.belief).toBeCloseTo(0.338403, 6);
    expect(report.plausibility).toBeCloseTo(0.718631, 6);
  });

  test("above the bound is flagged, and the conflict counts as not knowing", () => {
    // either = 0.333333 + 0.123333 = 0.456667. P = 0.296667 + 0.1·0.456667 = 0.342333
    const options = { conflictMax: 0.1, fallback: "yager" } as const;
    const { probability, report } = poolDempsterShafer([geopolitical, cyber], options);
    expect(probability).toBeCloseTo(0.342333, 6);
    expect(report).toMatchObject({ conflicted: true, rule: "yager" });
  });

  test("two domains that are sure of opposites trip the default bound", () => {
    // GEOPOLITICAL alone has the largest weight; ECONOMIC and CYBER have equal ones, so t = trust = 0.95 for both.
    // K = 0.95·0.95 = 0.9025
    const sure = summary({ domain: "ECONOMIC", severity: 1, trust: 0.95 });
    const opposed = summary({ domain: "CYBER", severity: 0, trust: 0.95 });
    const { report } = poolDempsterShafer([sure, opposed], conflictDefaults);
    expect(report).toMatchObject({ conflicted: true, rule: "yager" });
    expect(report.conflict).toBeCloseTo(0.9025, 12);
  });
});

function summary(facts: Pick<DomainSummary, "domain" | "severity" | "trust">): DomainSummary {
  return {
    ...facts,
    evidence: facts.trust / (1 - facts.trust),

    score: 0.5,
    signals: [],
  };
}
