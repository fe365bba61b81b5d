/** What holds for every method, whatever the signals. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { domains } from "../fusionContributions.ts";
import { reliabilities } from "./admiralty.ts";
import type { FusionSignal } from "./countOnce.ts";
import { type FusedRisk, type FusionMethod, fuse } from "./fuse.ts";
import { conflictDefaults } from "./poolDempsterShafer.ts";

const now = new Date("2026-03-03T00:00:00Z");
const lastHeard = new Map(domains.map((domain) => [domain, now]));
const stacker = {
  trainedBefore: now,
  exampleCount: 10,
  coefficients: [-0.2, 0.6, 0.4, 0.5, -0.3, 0.9, 0.1, -0.7, 0.2, 0.3, -0.1, 0.4, 0.05],
};

const share = fc.double({ min: 0, max: 1, noNaN: true });
const severityAndTrust = fc.record({
  domain: fc.constantFrom(...domains),
  severity: share,
  confidence: share,
  reliability: fc.constantFrom(...reliabilities),
  origin: fc.constantFrom("wire", "article", "own-1", "own-2", "own-3", "own-4"),
  observedAt: fc.integer({ min: 0, max: 400 }).map((days) => new Date(now.getTime() - days * 86_400_000)),
});
const manySignals = fc
  .array(severityAndTrust, { minLength: 1, maxLength: 12 })
  .map((facts): FusionSignal[] => facts.map((one, index) => ({ id: `s${index + 10}`, ...one })));
const runs = { seed: 6, numRuns: 150 };

describe.each<[FusionMethod["kind"], FusionMethod]>([
  ["early", { kind: "early" }],
  ["late", { kind: "late" }],
  ["hybrid", { kind: "hybrid", stacker, judgedAt: now }],
  ["dempster-shafer", { kind: "dempster-shafer", ...conflictDefaults }],
])("%s fusion", (_kind, method) => {
  test("does not depend on the order of signals", () => {
    const shuffled = manySignals.chain((signals) =>
      fc.tuple(
        fc.constant(signals),
        fc.shuffledSubarray(signals, { minLength: signals.length, maxLength: signals.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([signals, others]) => {
        expect(fuse(others, lastHeard, method)).toEqual(fuse(signals, lastHeard, method));
      }),
      runs,
    );
  });

  test("a copy of a signal changes nothing but what is listed as seen", () => {
    fc.assert(
      fc.property(manySignals, fc.nat(), (signals, index) => {
        const copied = signals[index % signals.length];
        if (!copied) return;
        const more = [...signals, { ...copied, id: "t-copy" }];
        expect(judgementOf(fuse(more, lastHeard, method))).toEqual(
          judgementOf(fuse(signals, lastHeard, method)),
        );
      }),
      runs,
    );
  });

  test("a less trusted report of the same origin changes nothing, whatever it says", () => {
    fc.assert(
      fc.property(manySignals, fc.nat(), share, (signals, index, severity) => {
        const copied = signals[index % signals.length];
        if (!copied) return;
        const lesser = { ...copied, id: "t-lesser", severity, confidence: copied.confidence / 2 };
        expect(judgementOf(fuse([...signals, lesser], lastHeard, method))).toEqual(
          judgementOf(fuse(signals, lastHeard, method)),
        );
      }),
      runs,
    );
  });

  test("domains without evidence change nothing, and are told as missing", () => {
    fc.assert(
      fc.property(manySignals, fc.array(severityAndTrust), (signals, noise) => {
        const seen = new Set(signals.map(({ domain }) => domain));
        const masked = noise
          .filter(({ domain }) => !seen.has(domain))
          .map((one, index): FusionSignal => ({ ...one, id: `m${index}`, reliability: "E" }));
        const risk = fuse([...signals, ...masked], lastHeard, method);
        expect(risk).toEqual(fuse(signals, lastHeard, method));
        for (const { domain } of masked) if (risk) expect(risk.missing).toContain(domain);
      }),
      runs,
    );
  });

  test("stays between 0 and 1, and its shares add up to 1", () => {
    fc.assert(
      fc.property(manySignals, (signals) => {
        const risk = fuse(signals, lastHeard, method);
        if (!risk) return;
        expect(risk.score).toBeGreaterThan(0);
        expect(risk.score).toBeLessThan(1);
        expect(risk.signals.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(1, 9);
      }),
      runs,
    );
  });
});

/** Without what a copy adds to: how many were seen, when last, and the lists of copies. */
function judgementOf(risk: FusedRisk | null) {
  if (!risk) return null;
  const { score, level, coverage, missing, conflict } = risk;
  const shares = risk.contributions.map(({ domain, weight }) => ({ domain, weight }));
  return {
    score,
    level,
    coverage,
    missing,
    conflict,
    shares,
    weights: risk.signals.map(({ id, weight }) => ({ id, weight })),
  };
}
