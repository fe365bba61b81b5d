import { describe, expect, test } from "@jest/globals";
import type { Domain } from "./fusionContributions.ts";
import { type Evidence, findLastHeard, scoreRisk } from "./scoreRisk.ts";

const now = new Date("2026-03-03T00:00:00Z");
const heardNow = new Map(
  (["GEOPOLITICAL", "ECONOMIC", "CYBER", "INFRASTRUCTURE", "SOCIAL"] as const).map((domain) => [domain, now]),
);

/** Every number was worked out by hand from the formula at the head of scoreRisk.ts. */
describe("scoreRisk", () => {
  test("one signal moves the base rate as far as it is sure", () => {
    // u = 0.5; p = (1·0.1 + 0.5·0.7) / 1.5 = 0.3. The only domain has share 1, so P = p.
    expect(scoreRisk([signal("a", { severity: 0.7, confidence: 0.5 })], heardNow)).toEqual({
      score: 0.3,
      coverage: 0.2,
      contributions: [{ domain: "CYBER", signalCount: 1, newest: now.toISOString(), score: 0.3, weight: 1 }],
      signalIds: ["a"],
    });
  });

  test("signals of one domain are averaged by confidence", () => {
    // (0.1 + 0.9·0.8 + 0.3·0.2) / (1 + 0.9 + 0.3) = 0.88 / 2.2 = 0.4
    const evidence = [
      signal("sure", { severity: 0.8, confidence: 0.9 }),
      signal("unsure", { severity: 0.2, confidence: 0.3 }),
    ];
    expect(scoreRisk(evidence, heardNow)).toMatchObject({ score: 0.4, signalIds: ["sure", "unsure"] });
  });

  test("a half-life takes half of a signal's evidence", () => {
    // CYBER, 180 days: u = 0.5; (0.1 + 1·0.2 + 0.5·0.8) / (1 + 1 + 0.5) = 0.7 / 2.5 = 0.28
    const evidence = [
      signal("now", { severity: 0.2, confidence: 1 }),
      signal("then", { severity: 0.8, confidence: 1, ageDays: 180 }),
    ];
    expect(scoreRisk(evidence, heardNow)).toMatchObject({ score: 0.28, signalIds: ["now", "then"] });
  });

  test("domains are pooled by log-odds, with shares of weight × trust", () => {
    // GEOPOLITICAL: p = (0.1 + 0.8)/2 = 0.45, c = 1/2, w·c = 0.15. CYBER: u = 0.25, p = (0.1 + 0.25·0.9)/1.25 = 0.26,
    // c = 0.2, w·c = 0.04. Shares 0.15/0.19 = 0.78947 and 0.21053.
    // logit P = 0.78947·(-0.200671) + 0.21053·(-1.045969) = -0.158424 - 0.220208 = -0.378632; P = 0.406457
    const evidence = [
      signal("g", { domain: "GEOPOLITICAL", severity: 0.8, confidence: 1 }),
      signal("c", { severity: 0.9, confidence: 0.25 }),
    ];
    expect(scoreRisk(evidence, heardNow)).toMatchObject({
      score: 0.4065,
      coverage: 0.5,
      contributions: [
        { domain: "GEOPOLITICAL", score: 0.45, weight: 0.7895 },
        { domain: "CYBER", score: 0.26, weight: 0.2105 },
      ],
      signalIds: ["g", "c"],
    });
  });

  test("a missing domain lowers the coverage and not the risk", () => {
    const cyber = signal("c", { severity: 0.8, confidence: 1 });
    expect(scoreRisk([cyber], heardNow)).toMatchObject({ score: 0.45, coverage: 0.2 });
    expect(scoreRisk([cyber], heardNow)?.contributions).toHaveLength(1);
  });

  test("a domain that was seen and is calm lowers the risk", () => {
    // Both have c = 1/2; shares 0.6 and 0.4. GEOPOLITICAL p = 0.45; CYBER p = 0.1/2 = 0.05, logit -2.944439.
    // 0.6·(-0.200671) + 0.4·(-2.944439) = -1.298178; P = 0.214470
    const evidence = [
      signal("g", { domain: "GEOPOLITICAL", severity: 0.8, confidence: 1 }),
      signal("c", { severity: 0, confidence: 1 }),
    ];
    expect(scoreRisk(evidence, heardNow)?.score).toBe(0.2145);
  });

  test("what is too old to be evidence makes its domain missing", () => {
    // Seven half-lives leave 1/128 of the evidence, less than 0.01; six leave 1/64.
    expect(scoreRisk([signal("old", { severity: 1, ageDays: 7 * 180 })], heardNow)).toBeNull();
    expect(scoreRisk([signal("older", { severity: 1, ageDays: 6 * 180 })], heardNow)).not.toBeNull();
  });

  test("a single source of certainty never reaches 1", () => {
    const flood = Array.from({ length: 500 }, (_, index) => signal(`s${index}`, { severity: 1 }));
    // (0.1 + 500) / 501 = 0.998204
    expect(scoreRisk(flood, heardNow)?.score).toBe(0.9982);
  });

  test("shares add up to 1, whatever is missing", () => {
    const evidence = (["GEOPOLITICAL", "ECONOMIC", "SOCIAL"] as const).map((domain, index) =>
      signal(domain, { domain, severity: 0.3 * index, confidence: 0.4 + 0.2 * index, ageDays: 5 * index }),
    );
    const shares = scoreRisk(evidence, heardNow)?.contributions.map(({ weight }) => weight) ?? [];
    expect(shares).toHaveLength(3);
    expect(shares.reduce((total, share) => total + share, 0)).toBeCloseTo(1, 3);
  });

  test("does not depend on the order of the signals, and lists at most 50", () => {
    const evidence = Array.from({ length: 60 }, (_, index) =>
      signal(`s${index}`, { severity: (index % 7) / 7, confidence: 0.5, ageDays: index }),
    );
    const risk = scoreRisk(evidence, heardNow);
    expect(scoreRisk([...evidence].reverse(), heardNow)?.signalIds).toEqual(risk?.signalIds);
    expect(risk?.signalIds).toHaveLength(50);
  });

  test("returns null without evidence, also when nobody is sure of anything", () => {
    expect(scoreRisk([], heardNow)).toBeNull();
    expect(scoreRisk([signal("a", { severity: 1, confidence: 0 })], heardNow)).toBeNull();
  });
});

describe("findLastHeard", () => {
  test("takes the newest of each domain, from whichever country", () => {
    const evidence = [signal("a", { ageDays: 400 }), signal("b", { ageDays: 300 })];
    expect(findLastHeard(evidence, now)).toEqual(new Map<Domain, Date>([["CYBER", daysAgo(300)]]));
  });

  test("lets no signal from the future make all others old", () => {
    expect(findLastHeard([signal("a", { ageDays: -1_000 })], now).get("CYBER")).toEqual(now);
  });
});

function signal(
  id: string,
  { ageDays = 0, ...facts }: Partial<Omit<Evidence, "id" | "observedAt">> & { readonly ageDays?: number },
): Evidence {
  return { id, domain: "CYBER", severity: 0.5, confidence: 1, observedAt: daysAgo(ageDays), ...facts };
}

function daysAgo(days: number): Date {
  return new Date(now.getTime() - days * 24 * 60 * 60_000);
}
