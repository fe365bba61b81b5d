import { describe, expect, test } from "@jest/globals";
import { splitLosses } from "../experiments/splitLosses.ts";
import { chooseVersion } from "./chooseVersion.ts";
import { findPreviousVersion } from "./findPreviousVersion.ts";
import { type Candidate, judgePromotion } from "./judgePromotion.ts";
import { measureHoldOut } from "./measureHoldOut.ts";

describe("a rollback", () => {
  const moves = (text: string) =>
    text
      .split(" ")
      .map((move) =>
        move.startsWith("<")
          ? { kind: "ROLLBACK", versionId: move.slice(1) }
          : { kind: "PROMOTION", versionId: move },
      );

  test.each([
    ["a b", "a"],
    ["a b c <b", "a"],
    ["a b <a c", "a"],
    ["a b b", "a"],
    ["a", null],
    ["a b <a", null],
  ])("after %s goes to %s: further back each time, never forth", (text, previous) => {
    expect(findPreviousVersion(moves(text))).toBe(previous);
  });
});

describe("the rules of promotion", () => {
  const good: Candidate = {
    heldOut: { count: 500, loss: 0.3, baseRateLoss: 0.4 },
    championLoss: 0.295,
    shadow: { judged: 100, brier: 0.1, championBrier: 0.1 },
    lastExperiment: "ADOPTED",
  };
  const failed = (changes: Partial<Candidate>): readonly string[] =>
    judgePromotion({ ...good, ...changes }).flatMap(({ rule, passed }) => (passed ? [] : [rule]));

  test("all hold for a version that is good", () => {
    expect(failed({})).toEqual([]);
    expect(failed({ championLoss: null, shadow: null, lastExperiment: null })).toEqual([]);
  });

  test.each<[string, Partial<Candidate>, readonly string[]]>([
    [
      "no better than the base rate",
      { heldOut: { count: 9, loss: 0.3, baseRateLoss: 0.3 } },
      ["BETTER_THAN_BASE_RATE"],
    ],
    ["worse than the champion", { championLoss: 0.28 }, ["NOT_WORSE_THAN_CHAMPION"]],
    ["worse in the shadow", { shadow: { judged: 30, brier: 0.2, championBrier: 0.1 } }, ["SHADOW_HOLDS"]],
    ["rejected by an experiment", { lastExperiment: "REJECTED" }, ["NOT_REJECTED"]],
    ["stopped by a guardrail", { lastExperiment: "STOPPED_BY_GUARDRAIL" }, ["NOT_REJECTED"]],
    [
      "nothing that can be measured",
      { heldOut: null },
      ["TRAINED", "BETTER_THAN_BASE_RATE", "NOT_WORSE_THAN_CHAMPION"],
    ],
  ])("refuse what is %s, and say which", (_, changes, rules) => {
    expect(failed(changes)).toEqual(rules);
  });

  test("let the hold-out alone decide while few outcomes are known", () => {
    expect(failed({ shadow: { judged: 29, brier: 0.9, championBrier: 0.1 } })).toEqual([]);
  });
});

describe("measuring on what was held out", () => {
  const samples = [1, 0, 0, 0].map((label) => ({ input: Float32Array.of(label), label }));

  test("compares the loss with that of the base rate, from one probability or one for each label", async () => {
    const entropy = -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75));
    const one = await measureHoldOut(async (rows) => rows.map(() => Float32Array.of(0.25)), samples);
    const each = await measureHoldOut(async (rows) => rows.map(() => Float32Array.of(0.75, 0.25)), samples);
    expect(one?.loss).toBeCloseTo(entropy, 6);
    expect(each?.loss).toBeCloseTo(entropy, 6);
    expect(one?.baseRateLoss).toBeCloseTo(entropy, 6);
    expect(await measureHoldOut(async () => [], [])).toBeNull();
  });
});

describe("an experiment", () => {
  const experiment = { id: "e", controlVersionId: "old", treatmentVersionId: "new", share: 0.5 };
  const countries = Array.from({ length: 200 }, (_, at) => `country-${at}`);

  test("lets a country be answered by the same version throughout", () => {
    const chosen = countries.map((country) => chooseVersion({ championId: "old", experiment }, country));
    expect(countries.map((country) => chooseVersion({ championId: "x", experiment }, country))).toEqual(
      chosen,
    );
    expect(new Set(chosen)).toEqual(new Set(["old", "new"]));
    expect(chooseVersion({ championId: "x", experiment: null }, "country-1")).toBe("x");
  });

  test("counts a country for the version that answered for it, though both predicted", () => {
    const losses = countries.flatMap((countryCode) => [
      { versionId: "old", countryCode, loss: 0.2 },
      { versionId: "new", countryCode, loss: 0.1 },
    ]);
    const { control, treatment } = splitLosses(experiment, losses);
    expect(control.count + treatment.count).toBe(countries.length);
    expect([control.mean, treatment.mean]).toEqual([expect.closeTo(0.2, 10), expect.closeTo(0.1, 10)]);
  });
});
