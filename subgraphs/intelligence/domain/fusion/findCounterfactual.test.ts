import { describe, expect, test } from "@jest/globals";
import type { FusionSignal } from "./countOnce.ts";
import { fuse } from "./fuse.ts";

const observedAt = new Date("2026-03-03T00:00:00Z");

/** Levels as in riskLevel.ts: fifths. Scores of CYBER alone are (0.1 + Σ u·severity)/(1 + Σ u). */
describe("findCounterfactual", () => {
  test("names the one report whose loss moves the level, with its copies", () => {
    // (0.1 + 0.9 + 0.4·0.2)/2.4 = 0.45. Without "light": 1/2, still moderate. Without "heavy": 0.18/1.4 = 0.129.
    const signals = [
      signal("light", { severity: 0.2, confidence: 0.4 }),
      signal("heavy", { severity: 0.9, origin: "wire" }),
      signal("repeat", { severity: 0.9, confidence: 0.5, origin: "wire" }),
    ];
    expect(counterfactualOf(signals)?.removal).toEqual({ signalIds: ["heavy", "repeat"], level: "MINIMAL" });
  });

  test("names the lightest report that suffices", () => {
    // (0.1 + 0.9 + 0.5·0.9)/2.5 = 0.58. Without "half": 1/2, moderate. (0.1 + 0.45)/1.5 = 0.367 without "whole".
    // With "calm", 0.3 of severity 0: 1.45/2.8 = 0.518; without it 0.58. So only "whole" suffices.
    const signals = [
      signal("whole", { severity: 0.9 }),
      signal("half", { severity: 0.9, confidence: 0.5 }),
      signal("calm", { severity: 0, confidence: 0.3 }),
    ];
    expect(counterfactualOf(signals)?.removal).toEqual({ signalIds: ["whole"], level: "LOW" });
    // Three alike, (0.1 + 2.4)/4 = 0.625; without any one 1.7/3 = 0.567: the last in order.
    const alike = ["a", "b", "c"].map((id) => signal(id, { severity: 0.8 }));
    expect(counterfactualOf(alike)?.removal).toEqual({ signalIds: ["c"], level: "MODERATE" });
  });

  test("takes away one after the other where no single one suffices", () => {
    // k signals of 0.8 give (0.1 + 0.8k)/(1 + k): high from k = 3 (0.625) to 8 (0.722), moderate at 2 (0.567).
    const signals = Array.from({ length: 8 }, (_, index) => signal(`s${index}`, { severity: 0.8 }));
    const removal = counterfactualOf(signals)?.removal;
    expect(removal).toEqual({ signalIds: ["s0", "s1", "s2", "s3", "s4", "s5"], level: "MODERATE" });
  });

  test("tells when nothing would be left, and which calm domain would lower the level", () => {
    // CYBER p = (0.1 + 0.5·0.7)/1.5 = 0.3, pull 0.2/3. A GEOPOLITICAL signal of 0.1: p = 0.1, pull 0.15.
    // logit P = 0.307692·(-0.847298) + 0.692308·(-2.197225) = -1.781863; P = 0.1441: minimal.
    expect(counterfactualOf([signal("a", { severity: 0.7, confidence: 0.5 })])).toEqual({
      removal: { signalIds: ["a"], level: null },
      arrival: { domain: "GEOPOLITICAL", severity: 0.1, level: "MINIMAL" },
    });
  });

  test("has no arrival where no domain is missing, and no removal where 50 reports do not matter", () => {
    const domains = ["GEOPOLITICAL", "ECONOMIC", "CYBER", "INFRASTRUCTURE", "SOCIAL"] as const;
    const signals = domains.flatMap((domain) =>
      Array.from({ length: 30 }, (_, index) => signal(`${domain}${index}`, { domain, severity: 0.5 })),
    );
    expect(counterfactualOf(signals)).toEqual({ removal: null, arrival: null });
  });
});

function counterfactualOf(signals: readonly FusionSignal[]) {
  return fuse(signals, new Map(), { kind: "late" })?.counterfactual;
}

function signal(id: string, facts: Partial<FusionSignal>): FusionSignal {
  const defaults = { domain: "CYBER", severity: 0.5, confidence: 1, reliability: "A", origin: id } as const;
  return { id, ...defaults, observedAt, ...facts };
}
