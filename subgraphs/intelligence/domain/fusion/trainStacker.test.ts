import { describe, expect, test } from "@jest/globals";
import { countOnce, type FusionSignal } from "./countOnce.ts";
import { summariseDomains } from "./summariseDomains.ts";
import { poolHybrid, type StackerExample, trainStacker } from "./trainStacker.ts";

const start = new Date("2026-01-01T00:00:00Z");
const trainedBefore = day(100);

describe("trainStacker", () => {
  test("learns which domain foretells: cyber does, social does not", () => {
    const stacker = trainStacker(history(40, 0), { trainedBefore });
    const judge = (cyber: number, social: number): number =>
      poolHybrid(summarise(day(100), cyber, social), stacker, day(101)).probability;
    expect(judge(0.9, 0.1)).toBeGreaterThan(0.8);
    expect(judge(0.1, 0.9)).toBeLessThan(0.2);
    expect(stacker.exampleCount).toBe(40);
  });

  test("never sees the future: what came true later, or is not known yet, changes nothing", () => {
    const past = history(40, 0);
    const future = history(40, 100).map(
      (example): StackerExample => ({ ...example, outcome: example.outcome === 1 ? 0 : 1 }),
    );
    // Judged before the split, but known only after it.
    const pending = past.map((example) => ({ ...example, outcomeAt: day(100), outcome: 1 as const }));
    expect(trainStacker([...past, ...future, ...pending], { trainedBefore })).toEqual(
      trainStacker(past, { trainedBefore }),
    );
  });

  test("refuses an example that knew what was observed after its judgement", () => {
    const [example] = history(1, 0);
    if (!example) throw new Error("expected an example; got none");
    const leaked = { ...example, judgedAt: new Date(example.judgedAt.getTime() - 1) };
    expect(() => trainStacker([...history(10, 0), leaked], { trainedBefore })).toThrow(
      "expected signals up to 2025-12-31T23:59:59.999Z; got c of 2026-01-01T00:00:00.000Z",
    );
  });

  test("refuses an outcome that was known before the judgement", () => {
    const [example] = history(1, 5);
    if (!example) throw new Error("expected an example; got none");
    expect(() => trainStacker([{ ...example, outcomeAt: day(1) }], { trainedBefore })).toThrow(
      "expected an outcome after the judgement",
    );
  });

  test("refuses to learn from outcomes of one kind", () => {
    const ones = history(10, 0).map((example) => ({ ...example, outcome: 1 as const }));
    expect(() => trainStacker(ones, { trainedBefore })).toThrow(
      "expected outcomes of both kinds before 2026-04-11T00:00:00.000Z; got 10 examples, 10 of them true",
    );
  });
});

describe("poolHybrid", () => {
  test("adds late log-odds and the features of domains, divided by the weight of those that have evidence", () => {
    // One CYBER signal of severity 0.7: p = (0.1 + 0.7)/2 = 0.4, logit -0.405465; v = 0.2, (0.7 − 0.1)/0.2 = 3.
    // 0.5 + 1·(-0.405465) + 0.1·3 = 0.394535; P = 1/(1 + 0.673994) = 0.597374
    const coefficients = [0.5, 1, 0, 0, 0, 0.1, 0, 0, 0, 0, 0, 0, 0];
    const stacker = { trainedBefore, exampleCount: 1, coefficients };
    const pooled = poolHybrid(summarise(day(100), 0.7, null), stacker, day(100));
    expect(pooled.probability).toBeCloseTo(0.597374, 6);
    expect(pooled.shares).toEqual([1]);
  });

  test("refuses to judge what lies before the end of its training", () => {
    const stacker = trainStacker(history(40, 0), { trainedBefore });
    expect(() => poolHybrid(summarise(day(50), 0.5, 0.5), stacker, day(99))).toThrow(
      "expected a stacker trained on outcomes before 2026-04-10T00:00:00.000Z; got one trained until 2026-04-11T00:00:00.000Z",
    );
  });
});

/** One a day; what cyber says comes true the day after, whatever social says. */
function history(count: number, firstDay: number): readonly StackerExample[] {
  return Array.from({ length: count }, (_, index) => {
    const outcome = index % 2 === 0 ? 1 : 0;
    const social = index % 3 === 0 ? 0.9 : 0.2;
    const judgedAt = day(firstDay + index);
    const summaries = summarise(judgedAt, outcome === 1 ? 0.8 : 0.1, social);
    return { judgedAt, outcomeAt: day(firstDay + index + 1), summaries, outcome };
  });
}

function summarise(observedAt: Date, cyber: number, social: number | null) {
  const of = (id: string, domain: "CYBER" | "SOCIAL", severity: number): FusionSignal => ({
    id,
    domain,
    severity,
    confidence: 1,
    reliability: "A",
    origin: id,
    observedAt,
  });
  const signals = [of("c", "CYBER", cyber), ...(social === null ? [] : [of("s", "SOCIAL", social)])];
  return summariseDomains(countOnce(signals, new Map()));
}

function day(number: number): Date {
  return new Date(start.getTime() + number * 24 * 60 * 60_000);
}
