import { describe, expect, test } from "@jest/globals";
import { createSeededRandom } from "../../../shared/seededRandom.ts";
import { assignVariant } from "./assignVariant.ts";
import { judgeExperiment, type Outcomes } from "./judgeExperiment.ts";

const rules = { alpha: 0.05, effect: 0.05, countMin: 50, guardrail: 0.1 };

describe("assigning subjects", () => {
  const subjects = Array.from({ length: 20_000 }, (_, at) => `subject-${at}`);

  test("gives a subject the same version every time, and the treatment to the share asked for", () => {
    const treated = subjects.filter((subject) => assignVariant("e1", subject, 0.3) === "TREATMENT");
    expect(Math.abs(treated.length / subjects.length - 0.3)).toBeLessThan(0.015);
    expect(subjects.filter((subject) => assignVariant("e1", subject, 0.3) === "TREATMENT")).toEqual(treated);
  });

  test("keeps whom it had when the share grows, and is independent of other experiments", () => {
    const small = subjects.filter((subject) => assignVariant("e1", subject, 0.1) === "TREATMENT");
    expect(small.every((subject) => assignVariant("e1", subject, 0.2) === "TREATMENT")).toBe(true);
    const both = small.filter((subject) => assignVariant("e2", subject, 0.1) === "TREATMENT");
    expect(Math.abs(both.length / small.length - 0.1)).toBeLessThan(0.03);
  });

  test("gives it to nobody or everybody at the ends", () => {
    expect(subjects.some((subject) => assignVariant("e1", subject, 0) === "TREATMENT")).toBe(false);
    expect(subjects.every((subject) => assignVariant("e1", subject, 1) === "TREATMENT")).toBe(true);
  });
});

describe("judging an experiment", () => {
  /** Looked at after every outcome, as people do. */
  function run(seed: string, controlRate: number, treatmentRate: number, outcomes: number) {
    const random = createSeededRandom(seed);
    const control = { count: 0, sum: 0 };
    const treatment = { count: 0, sum: 0 };
    const toOutcomes = ({ count, sum }: { readonly count: number; readonly sum: number }): Outcomes => {
      const mean = sum / count;
      return { count, mean, variance: mean * (1 - mean) };
    };
    for (let at = 0; at < outcomes; at += 1) {
      for (const [arm, rate] of [
        [control, controlRate],
        [treatment, treatmentRate],
      ] as const) {
        arm.count += 1;
        arm.sum += random.next() < rate ? 1 : 0;
      }
      const verdict = judgeExperiment(toOutcomes(control), toOutcomes(treatment), rules);
      if (verdict.decision !== "CONTINUE") return { ...verdict, at };
    }
    return undefined;
  }

  test("calls a difference in few of 1,000 experiments without one, though looked at after each outcome", () => {
    const called = Array.from({ length: 1_000 }, (_, at) => run(`aa-${at}`, 0.3, 0.3, 500)).filter(
      (verdict) => verdict?.decision === "ADOPT" || verdict?.decision === "REJECT",
    );
    expect(called.length / 1_000).toBeLessThanOrEqual(rules.alpha);
  });

  test("adopts what is better and rejects what is worse", () => {
    const verdicts = Array.from({ length: 20 }, (_, at) => run(`ab-${at}`, 0.3, 0.15, 2_000)?.decision);
    expect(verdicts.every((decision) => decision === "ADOPT")).toBe(true);
    const worse = Array.from({ length: 20 }, (_, at) => run(`ba-${at}`, 0.3, 0.45, 2_000)?.decision);
    expect(worse.every((decision) => decision === "REJECT" || decision === "STOPPED_BY_GUARDRAIL")).toBe(
      true,
    );
  });

  test("stops at the guardrail long before the proof is complete", () => {
    const control = { count: 60, mean: 0.2, variance: 0.16 };
    const verdict = judgeExperiment(control, { count: 60, mean: 0.45, variance: 0.24 }, rules);
    expect(verdict.decision).toBe("STOPPED_BY_GUARDRAIL");
    expect(verdict.pValue).toBeGreaterThan(rules.alpha);
  });

  test("says nothing on too few outcomes", () => {
    const few = { count: 49, mean: 0, variance: 0 };
    expect(judgeExperiment(few, { ...few, mean: 1 }, rules)).toEqual({
      decision: "CONTINUE",
      difference: 1,
      pValue: 1,
    });
  });
});
