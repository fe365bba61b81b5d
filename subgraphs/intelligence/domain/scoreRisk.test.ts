import { describe, expect, test } from "@jest/globals";
import { type Evidence, scoreRisk } from "./scoreRisk.ts";

const now = new Date("2026-03-03T00:00:00Z");

describe("scoreRisk", () => {
  test("one fresh signal is the risk itself", () => {
    // u = 0.5, p = 0.5·0.7 / 0.5 = 0.7; its share is 1, so logit P = logit 0.7.
    expect(scoreRisk([signal("a", { severity: 0.7, confidence: 0.5 })], now)).toEqual({
      score: 0.7,
      coverage: 0.2,
      contributions: [{ domain: "CYBER", signalCount: 1, score: 0.7, weight: 1 }],
      signalIds: ["a"],
    });
  });

  test("within a domain the surer signal counts more", () => {
    // (0.9·0.8 + 0.3·0.2) / (0.9 + 0.3) = 0.78 / 1.2 = 0.65
    const evidence = [
      signal("sure", { severity: 0.8, confidence: 0.9 }),
      signal("unsure", { severity: 0.2, confidence: 0.3 }),
    ];
    expect(scoreRisk(evidence, now)).toMatchObject({ score: 0.65, signalIds: ["sure", "unsure"] });
  });

  test("a half-life takes half of what a signal has above the least", () => {
    // CYBER, 180 days: recency = 0.05 + 0.95/2 = 0.525; (1·0.2 + 0.525·0.8) / 1.525 = 0.62 / 1.525 = 0.40656
    const evidence = [
      signal("now", { severity: 0.2, confidence: 1 }),
      signal("then", { severity: 0.8, confidence: 1, ageDays: 180 }),
    ];
    expect(scoreRisk(evidence, now)?.score).toBe(0.4066);
  });

  test("domains are pooled by log-odds with their weights", () => {
    // Pulls: GEOPOLITICAL 0.3·1, CYBER 0.2·0.5; shares 0.75 and 0.25.
    // logit P = 0.75·ln(0.8/0.2) + 0.25·ln(0.5/0.5) = 0.75·1.386294 = 1.039721; P = 1/(1+e^-1.039721) = 0.73881
    const evidence = [
      signal("g", { domain: "GEOPOLITICAL", severity: 0.8, confidence: 1 }),
      signal("c", { domain: "CYBER", severity: 0.5, confidence: 0.5 }),
    ];
    expect(scoreRisk(evidence, now)).toMatchObject({
      score: 0.7388,
      coverage: 0.5,
      contributions: [
        { domain: "GEOPOLITICAL", score: 0.8, weight: 0.75 },
        { domain: "CYBER", score: 0.5, weight: 0.25 },
      ],
      signalIds: ["g", "c"],
    });
  });

  test("a missing domain lowers the coverage and not the risk", () => {
    const alone = scoreRisk([signal("c", { severity: 0.8, confidence: 1 })], now);
    expect(alone).toMatchObject({ score: 0.8, coverage: 0.2 });
    expect(alone?.contributions).toHaveLength(1);
  });

  test("a domain with severity 0 lowers the risk: it was seen, and it is calm", () => {
    // Bounded to 0.01. GEOPOLITICAL share 0.6, CYBER 0.4: 0.6·1.386294 + 0.4·(-4.595120) = -1.006271; P = 0.26770
    const evidence = [
      signal("g", { domain: "GEOPOLITICAL", severity: 0.8, confidence: 1 }),
      signal("c", { severity: 0, confidence: 1 }),
    ];
    expect(scoreRisk(evidence, now)?.score).toBe(0.2677);
  });

  test("what is observed in the future counts as observed now", () => {
    const evidence = [signal("early", { severity: 0.6, confidence: 1, ageDays: -10 })];
    expect(scoreRisk(evidence, now)).toEqual(
      scoreRisk([signal("early", { severity: 0.6, confidence: 1 })], now),
    );
  });

  test("shares add up to 1, whatever is missing", () => {
    const evidence = (["GEOPOLITICAL", "ECONOMIC", "SOCIAL"] as const).map((domain, index) =>
      signal(domain, { domain, severity: 0.3 * index, confidence: 0.4 + 0.2 * index, ageDays: 11 * index }),
    );
    const shares = scoreRisk(evidence, now)?.contributions.map(({ weight }) => weight) ?? [];
    expect(shares.reduce((total, share) => total + share, 0)).toBeCloseTo(1, 3);
  });

  test("does not depend on the order of the signals", () => {
    const evidence = Array.from({ length: 60 }, (_, index) =>
      signal(`s${index}`, { severity: (index % 7) / 7, confidence: 0.5, ageDays: index }),
    );
    const risk = scoreRisk(evidence, now);
    expect(scoreRisk([...evidence].reverse(), now)?.signalIds).toEqual(risk?.signalIds);
    expect(risk?.signalIds).toHaveLength(50);
  });

  test("returns null without evidence, also when nobody is sure of anything", () => {
    expect(scoreRisk([], now)).toBeNull();
    expect(scoreRisk([signal("a", { severity: 1, confidence: 0 })], now)).toBeNull();
  });
});

function signal(
  id: string,
  facts: Partial<Omit<Evidence, "id" | "observedAt">> & { readonly ageDays?: number },
): Evidence {
  const { ageDays = 0, ...others } = facts;
  const observedAt = new Date(now.getTime() - ageDays * 24 * 60 * 60_000);
  return { id, domain: "CYBER", severity: 0.5, confidence: 1, observedAt, ...others };
}
