import { describe, expect, test } from "@jest/globals";
import { combineMasses } from "./combineMasses.ts";

const [a, b, c] = [0b001, 0b010, 0b100];
const frame = a | b | c;

/** Zadeh 1979: two physicians, each nearly sure of another disease; both think b nearly impossible. */
const paradox = [
  new Map([
    [a, 0.99],
    [b, 0.01],
  ]),
  new Map([
    [c, 0.99],
    [b, 0.01],
  ]),
];

describe("Zadeh's paradox", () => {
  // Empty: a∩c 0.99·0.99 = 0.9801, a∩b 0.0099, b∩c 0.0099: K = 0.9999. Left: b∩b = 0.0001.

  test("without a guard makes certain what both thought near impossible: 0.0001 / (1 − 0.9999) = 1", () => {
    const { masses, conflict, rule } = combineMasses(paradox, { frame, conflictMax: 1, fallback: "yager" });
    expect(rule).toBe("dempster");
    expect(conflict).toBeCloseTo(0.9999, 12);
    expect(masses.get(b)).toBeCloseTo(1, 9);
  });

  test("trips the guard; by Yager's rule the conflict becomes not knowing", () => {
    const { masses, conflict, rule } = combineMasses(paradox, { frame, conflictMax: 0.8, fallback: "yager" });
    expect(rule).toBe("yager");
    expect(conflict).toBeCloseTo(0.9999, 12);
    expect(masses.get(b)).toBeCloseTo(0.0001, 12);
    expect(masses.get(frame)).toBeCloseTo(0.9999, 12);
  });

  test("by Murphy's average, what each was sure of shares the belief", () => {
    // Mean: a 0.495, b 0.01, c 0.495. With itself: 0.245025, 0.0001, 0.245025, in all 0.49015.
    // a = 0.245025/0.49015 = 0.499898; b = 0.0001/0.49015 = 0.000204
    const { masses, rule } = combineMasses(paradox, { frame, conflictMax: 0.8, fallback: "average" });
    expect(rule).toBe("average");
    expect(masses.get(a)).toBeCloseTo(0.499898, 6);
    expect(masses.get(b)).toBeCloseTo(0.000204, 6);
    expect(masses.get(c)).toBeCloseTo(0.499898, 6);
  });
});

test("sources that agree are combined by Dempster's rule", () => {
  // {a} 0.6, {a,b,c} 0.4 and {a,b} 0.5, {a,b,c} 0.5: a = 0.6·0.5 + 0.6·0.5, {a,b} = 0.4·0.5, rest 0.4·0.5; K = 0.
  const sources = [
    new Map([
      [a, 0.6],
      [frame, 0.4],
    ]),
    new Map([
      [a | b, 0.5],
      [frame, 0.5],
    ]),
  ];
  const { masses, conflict, rule } = combineMasses(sources, { frame, conflictMax: 0.8, fallback: "yager" });
  expect({ conflict, rule }).toEqual({ conflict: 0, rule: "dempster" });
  expect(masses.get(a)).toBeCloseTo(0.6, 12);
  expect(masses.get(a | b)).toBeCloseTo(0.2, 12);
  expect(masses.get(frame)).toBeCloseTo(0.2, 12);
});

test.each(["yager", "average"] as const)("total conflict falls back to %s whatever the bound", (fallback) => {
  const sources = [new Map([[a, 1]]), new Map([[c, 1]])];
  const { masses, conflict, rule } = combineMasses(sources, { frame, conflictMax: 1, fallback });
  expect({ conflict, rule }).toEqual({ conflict: 1, rule: fallback });
  expect([...masses.values()].reduce((total, mass) => total + mass, 0)).toBeCloseTo(1, 12);
});

test.each(["yager", "average"] as const)(
  "three in conflict come out alike in every order: %s",
  (fallback) => {
    const third = new Map([
      [a, 0.5],
      [frame, 0.5],
    ]);
    const combine = (sources: readonly Map<number, number>[]) =>
      combineMasses(sources, { frame, conflictMax: 0.8, fallback }).masses;
    const forward = combine([...paradox, third]);
    const backward = combine([third, ...[...paradox].reverse()]);
    for (const [set, mass] of forward) expect(backward.get(set)).toBeCloseTo(mass, 12);
  },
);
