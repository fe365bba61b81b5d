import { describe, expect, test } from "@jest/globals";
import { buildExamples, buildNewestWindow, countrySignals, dayMs, toLastStep } from "./countrySignals.ts";
import { extractFeatures, featureNames, type SignalFact } from "./extractFeatures.ts";
import { homeRegionOf } from "./homeRegion.ts";
import { type ResidentFact, toExampleRows } from "./toExampleRows.ts";

/** On the grid: a multiple of 30 days since 1970. */
const end = new Date(720 * 30 * dayMs);
const before = (days: number): Date => new Date(end.getTime() - days * dayMs);
const fact = (days: number, severity: number, domain = "CYBER"): SignalFact => ({
  domain,
  severity,
  observedAt: before(days),
});
const span = { from: new Date(0), until: before(-3_650) };
const readValue = (row: Float32Array, name: string): number => row[featureNames.indexOf(name)] ?? Number.NaN;

describe("features", () => {
  test("tell counts on a logarithmic scale, the highest severities, and what came a year before the horizon", () => {
    const row = extractFeatures([fact(350, 0.8), fact(100, 0.3), fact(3, 0.2), fact(0, 0.1)], end);
    expect(readValue(row, "cyber-count-30d")).toBeCloseTo(Math.log(3) / Math.log(101), 6);
    expect(readValue(row, "cyber-severity-30d")).toBeCloseTo(0.2, 6);
    expect(readValue(row, "cyber-count-365d")).toBeCloseTo(Math.log(5) / Math.log(101), 6);
    expect(readValue(row, "cyber-severity-365d")).toBeCloseTo(0.8, 6);
    expect(readValue(row, "cyber-year-before")).toBeCloseTo(0.8, 6);
  });

  test("say of which domain nothing was heard, which is not the same as a severity of zero", () => {
    const row = extractFeatures([fact(10, 0, "ECONOMIC")], end);
    expect([readValue(row, "economic-missing"), readValue(row, "economic-severity-365d")]).toEqual([0, 0]);
    expect([readValue(row, "cyber-missing"), readValue(row, "cyber-severity-365d")]).toEqual([1, 0]);
  });

  test("do not see what comes after their moment", () => {
    const known = [fact(10, 0.4)];
    expect(extractFeatures([...known, fact(-0.001, 1)], end)).toEqual(extractFeatures(known, end));
  });
});

describe("examples", () => {
  const labelAt = (facts: readonly SignalFact[]) =>
    buildExamples(facts, span).find((example) => example.end.getTime() === end.getTime())?.label;

  test("are labelled by what followed within the horizon, to the moment", () => {
    const { severityMin, horizonDays } = countrySignals;
    expect(labelAt([fact(10, 0.1), fact(-1, severityMin)])).toBe(1);
    expect(labelAt([fact(10, 0.1), fact(-1, severityMin - 0.01)])).toBe(0);
    expect(labelAt([fact(10, 0.1), fact(-horizonDays, 0.9)])).toBe(1);
    expect(labelAt([fact(10, 0.1), fact(-horizonDays - 0.01, 0.9)])).toBe(0);
    expect(labelAt([fact(10, 0.1), fact(0, 0.9)])).toBe(0);
  });

  test("are there for every step of the year after a signal, and for no other", () => {
    const examples = buildExamples([fact(0, 0.1)], span);
    expect(examples[0]?.end).toEqual(end);
    expect(examples).toHaveLength(13);
    expect(buildExamples([], span)).toEqual([]);
  });

  test("wait until their horizon is over", () => {
    const until = before(-countrySignals.horizonDays);
    expect(buildExamples([fact(0, 0.1)], { ...span, until }).map((example) => example.end)).toEqual([end]);
    expect(buildExamples([fact(0, 0.1)], { ...span, until: new Date(until.getTime() - 1) })).toEqual([]);
  });

  test("stand on one grid, also before 1970", () => {
    const observedAt = new Date(-10 * dayMs);
    expect(buildNewestWindow([{ domain: "CYBER", severity: 0.1, observedAt }])?.end).toEqual(new Date(0));
    expect(toLastStep(new Date(end.getTime() + 29 * dayMs))).toEqual(end);
  });
});

describe("examples as rows", () => {
  const resident = (residency: string, days: number, severity: number): ResidentFact => ({
    ...fact(days, severity),
    residency,
  });

  test("of global signals have one home, so that one region learns from them", () => {
    const rows = toExampleRows("DE", [resident("global", 0, 0.2)], span);
    expect(
      new Set(rows.map(({ part, residency, homeRegion }) => [part, residency, homeRegion].join())),
    ).toEqual(new Set(["BY_TIME,global,eu-west"]));
    expect(["US", "BR", "NG", "JP", "AU", "XX"].map(homeRegionOf)).toEqual([
      "us-east",
      "us-east",
      "eu-west",
      "ap-southeast",
      "ap-southeast",
      "us-east",
    ]);
  });

  test("with resident signals are resident; of these alone nothing global knows", () => {
    const rows = toExampleRows("DE", [resident("global", 0, 0.2), resident("eu", 5, 0.9)], span);
    const at = rows.filter(({ observedAt }) => observedAt.getTime() === end.getTime());
    const severity = featureNames.indexOf("cyber-severity-30d");
    expect(
      at.map(({ part, residency, features }) => [part, residency, features[severity]?.toFixed(1)]),
    ).toEqual([
      ["HOLD_OUT", "global", "0.2"],
      ["TRAIN", "eu", "0.9"],
    ]);
  });

  test("resident elsewhere than the country's home stand beside the global ones", () => {
    const rows = toExampleRows("DE", [resident("global", 0, 0.2), resident("us", 5, 0.9)], span);
    expect(new Set(rows.map(({ part, residency }) => `${part} ${residency}`))).toEqual(
      new Set(["BY_TIME global", "TRAIN us"]),
    );
  });
});
