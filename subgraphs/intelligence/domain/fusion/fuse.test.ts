import { describe, expect, test } from "@jest/globals";
import type { FusionSignal } from "./countOnce.ts";
import { type FusionMethod, fuse } from "./fuse.ts";
import { conflictDefaults } from "./poolDempsterShafer.ts";

const now = new Date("2026-03-03T00:00:00Z");
const heardNow = new Map(
  (["GEOPOLITICAL", "ECONOMIC", "CYBER", "INFRASTRUCTURE", "SOCIAL"] as const).map((domain) => [domain, now]),
);

/** Every number was worked out by hand from the formulas at the heads of summariseDomains.ts and poolLate.ts. */
describe("late fusion", () => {
  test("one signal moves the base rate as far as it is sure", () => {
    // u = 0.5; p = (1·0.1 + 0.5·0.7) / 1.5 = 0.3. The only domain has share 1, so P = p.
    expect(fuseLate([signal("a", { severity: 0.7, confidence: 0.5 })], heardNow)).toMatchObject({
      score: 0.3,
      coverage: 0.2,
      contributions: [{ domain: "CYBER", signalCount: 1, newest: now.toISOString(), score: 0.3, weight: 1 }],
      signals: [{ id: "a", weight: 1, copies: [] }],
    });
  });

  test("signals of one domain are averaged by confidence", () => {
    // (0.1 + 0.9·0.8 + 0.3·0.2) / (1 + 0.9 + 0.3) = 0.88 / 2.2 = 0.4
    const evidence = [
      signal("sure", { severity: 0.8, confidence: 0.9 }),
      signal("unsure", { severity: 0.2, confidence: 0.3 }),
    ];
    expect(fuseLate(evidence, heardNow)).toMatchObject({
      score: 0.4,
      signals: [{ id: "sure" }, { id: "unsure" }],
    });
  });

  test("a half-life takes half of a signal's evidence", () => {
    // CYBER, 180 days: u = 0.5; (0.1 + 1·0.2 + 0.5·0.8) / (1 + 1 + 0.5) = 0.7 / 2.5 = 0.28
    const evidence = [
      signal("now", { severity: 0.2, confidence: 1 }),
      signal("then", { severity: 0.8, confidence: 1, ageDays: 180 }),
    ];
    expect(fuseLate(evidence, heardNow)).toMatchObject({
      score: 0.28,
      signals: [{ id: "now" }, { id: "then" }],
    });
  });

  test("domains are pooled by log-odds, with shares of weight × trust", () => {
    // GEOPOLITICAL: p = (0.1 + 0.8)/2 = 0.45, c = 1/2, w·c = 0.15. CYBER: u = 0.25, p = (0.1 + 0.25·0.9)/1.25 = 0.26,
    // c = 0.2, w·c = 0.04. Shares 0.15/0.19 = 0.78947 and 0.21053.
    // logit P = 0.78947·(-0.200671) + 0.21053·(-1.045969) = -0.158424 - 0.220208 = -0.378632; P = 0.406457
    const evidence = [
      signal("g", { domain: "GEOPOLITICAL", severity: 0.8, confidence: 1 }),
      signal("c", { severity: 0.9, confidence: 0.25 }),
    ];
    expect(fuseLate(evidence, heardNow)).toMatchObject({
      score: 0.4065,
      coverage: 0.5,
      contributions: [
        { domain: "GEOPOLITICAL", score: 0.45, weight: 0.7895 },
        { domain: "CYBER", score: 0.26, weight: 0.2105 },
      ],
      signals: [{ id: "g" }, { id: "c" }],
    });
  });

  test("a missing domain lowers the coverage and not the risk", () => {
    const cyber = signal("c", { severity: 0.8, confidence: 1 });
    expect(fuseLate([cyber], heardNow)).toMatchObject({ score: 0.45, coverage: 0.2 });
    expect(fuseLate([cyber], heardNow)?.contributions).toHaveLength(1);
  });

  test("a domain that was seen and is calm lowers the risk", () => {
    // Both have c = 1/2; shares 0.6 and 0.4. GEOPOLITICAL p = 0.45; CYBER p = 0.1/2 = 0.05, logit -2.944439.
    // 0.6·(-0.200671) + 0.4·(-2.944439) = -1.298178; P = 0.214470
    const evidence = [
      signal("g", { domain: "GEOPOLITICAL", severity: 0.8, confidence: 1 }),
      signal("c", { severity: 0, confidence: 1 }),
    ];
    expect(fuseLate(evidence, heardNow)?.score).toBe(0.2145);
  });

  test("what is too old to be evidence makes its domain missing", () => {
    // Seven half-lives leave 1/128 of the evidence, less than 0.01; six leave 1/64.
    expect(fuseLate([signal("old", { severity: 1, ageDays: 7 * 180 })], heardNow)).toBeNull();
    expect(fuseLate([signal("older", { severity: 1, ageDays: 6 * 180 })], heardNow)).not.toBeNull();
  });

  test("a single source of certainty never reaches 1", () => {
    const flood = Array.from({ length: 500 }, (_, index) => signal(`s${index}`, { severity: 1 }));
    // (0.1 + 500) / 501 = 0.998204
    expect(fuseLate(flood, heardNow)?.score).toBe(0.9982);
  });

  test("shares add up to 1, whatever is missing", () => {
    const evidence = (["GEOPOLITICAL", "ECONOMIC", "SOCIAL"] as const).map((domain, index) =>
      signal(domain, { domain, severity: 0.3 * index, confidence: 0.4 + 0.2 * index, ageDays: 5 * index }),
    );
    const shares = fuseLate(evidence, heardNow)?.contributions.map(({ weight }) => weight) ?? [];
    expect(shares).toHaveLength(3);
    expect(shares.reduce((total, share) => total + share, 0)).toBeCloseTo(1, 3);
  });

  test("returns null without evidence, also when nobody is sure of anything", () => {
    expect(fuseLate([], heardNow)).toBeNull();
    expect(fuseLate([signal("a", { severity: 1, confidence: 0 })], heardNow)).toBeNull();
  });
});

describe("weights and origins", () => {
  test("a signal weighs reliability × credibility × recency", () => {
    // C, 0.5; credibility 0.8; one half-life: u = 0.5·0.8·0.5 = 0.2. p = (0.1 + 0.2·0.7)/1.2 = 0.2
    const evidence = [signal("a", { reliability: "C", confidence: 0.8, severity: 0.7, ageDays: 180 })];
    expect(fuseLate(evidence, heardNow)?.score).toBe(0.2);
  });

  test("an unreliable source counts for nothing", () => {
    expect(fuseLate([signal("a", { reliability: "E", severity: 1 })], heardNow)).toBeNull();
  });

  test("ten copies of one report count as the one that is trusted most", () => {
    // As the report alone: (0.1 + 0.7)/2 = 0.4. Counted each, they would give (0.1 + 0.7 + 10·0.5·0.7)/(1 + 1 + 5).
    const copies = Array.from({ length: 10 }, (_, index) =>
      signal(`copy${index}`, { severity: 0.7, reliability: "C", origin: "wire" }),
    );
    expect(
      fuseLate([...copies, signal("report", { severity: 0.7, origin: "wire" })], heardNow),
    ).toMatchObject({
      score: 0.4,
      contributions: [{ signalCount: 11 }],
      signals: [{ id: "report", weight: 1, copies: copies.map(({ id }) => id) }],
    });
  });

  test("one origin speaks once in each domain that it tells of", () => {
    const evidence = [
      signal("c", { origin: "article" }),
      signal("s", { origin: "article", domain: "SOCIAL" }),
    ];
    expect(fuseLate(evidence, heardNow)?.signals).toHaveLength(2);
  });
});

describe("every method", () => {
  const evidence = [signal("g", { domain: "GEOPOLITICAL", severity: 0.8 }), signal("c", { severity: 0.1 })];
  const coefficients = [0, 1, ...Array.from({ length: 11 }, () => 0)];
  const stacker = { trainedBefore: now, exampleCount: 7, coefficients };

  test.each<[FusionMethod, string, string, number]>([
    // GEOPOLITICAL: p = 0.45, c = 1/2, share 0.6. CYBER: p = 0.2/2 = 0.1, c = 1/2, share 0.4.
    // logit P = 0.6·(-0.200671) + 0.4·(-2.197225) = -0.999292; P = 0.269080
    [{ kind: "late" }, "late-log-odds", "2", 0.2691],
    // g = 2·0.3/0.5 = 1.2 and 0.8. P = (0.1 + 1.2·0.8 + 0.8·0.1)/(1 + 2) = 1.14/3
    [{ kind: "early" }, "early-evidence", "1", 0.38],
    // Worked out in poolDempsterShafer.test.ts.
    [{ kind: "dempster-shafer", ...conflictDefaults }, "dempster-shafer", "1", 0.3764],
    // A stacker that follows late fusion says what it says.
    [
      { kind: "hybrid", stacker, judgedAt: now },
      "hybrid-stacker",
      "1, 7 outcomes before 2026-03-03T00:00:00.000Z",
      0.2691,
    ],
  ])(
    "names itself, its version, signals, weights, what is missing and what would change it: %j",
    (method, name, version, score) => {
      const risk = fuse(evidence, heardNow, method);
      expect(risk).toMatchObject({
        score,
        level: "LOW",
        method: name,
        methodVersion: version,
        coverage: 0.5,
        missing: ["ECONOMIC", "INFRASTRUCTURE", "SOCIAL"],
        contributions: [{ domain: "GEOPOLITICAL" }, { domain: "CYBER" }],
      });
      expect(risk?.signals.map(({ id }) => id)).toEqual(["g", "c"]);
      expect(risk?.signals.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(1, 12);
      expect(risk?.counterfactual.removal).not.toBeNull();
      expect(risk?.conflict === null).toBe(method.kind !== "dempster-shafer");
    },
  );
});

function fuseLate(signals: readonly FusionSignal[], lastHeard: typeof heardNow) {
  return fuse(signals, lastHeard, { kind: "late" });
}

function signal(
  id: string,
  { ageDays = 0, ...facts }: Partial<Omit<FusionSignal, "id" | "observedAt">> & { readonly ageDays?: number },
): FusionSignal {
  const defaults = { domain: "CYBER", severity: 0.5, confidence: 1, reliability: "A", origin: id } as const;
  return { id, ...defaults, observedAt: daysAgo(ageDays), ...facts };
}

function daysAgo(days: number): Date {
  return new Date(now.getTime() - days * 24 * 60 * 60_000);
}
