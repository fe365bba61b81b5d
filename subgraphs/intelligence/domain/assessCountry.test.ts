import { describe, expect, test } from "@jest/globals";
import { type ExplainedRisk, explainRisk, isNews, titleOf } from "./assessCountry.ts";

const risk: ExplainedRisk = {
  score: 0.4065,
  level: "MODERATE",
  coverage: 0.5,
  contributions: [
    { domain: "CYBER", signalCount: 1, newest: "2026-03-03T00:00:00.000Z", score: 0.26, weight: 0.2105 },
    {
      domain: "GEOPOLITICAL",
      signalCount: 7,
      newest: "2026-02-01T10:00:00.000Z",
      score: 0.45,
      weight: 0.7895,
    },
  ],
  counterfactual: {
    removal: { signalIds: ["a"], level: "LOW" },
    arrival: { domain: "SOCIAL", severity: 0.2, level: "LOW" },
  },
};

describe("isNews", () => {
  test("a score that moved by less than half a point is none", () => {
    expect(isNews(risk, { ...risk, score: 0.4105 })).toBe(false);
    expect(isNews(risk, { ...risk, score: 0.4115 })).toBe(true);
  });

  test("other signals are, even when the score stays", () => {
    const contributions = risk.contributions.map((one) => ({ ...one, signalCount: one.signalCount + 1 }));
    expect(isNews(risk, { ...risk, contributions })).toBe(true);
  });
});

test("titleOf names the country", () => {
  expect(titleOf("DE")).toBe("Risk of Germany over 30 days");
});

test("explainRisk tells the domains by their shares, what was not seen, and what would change it", () => {
  expect(explainRisk(risk)).toBe(
    "40.6 % by adding weighted log-odds of 2 domains: geopolitical 45.0 % with a share of 79.0 %, from 7 signals up to 2026-02-01; " +
      "cyber 26.0 % with a share of 21.1 %, from 1 signal up to 2026-03-03. " +
      "Domains with signals carry 50.0 % of all weight; the others were left out, not guessed. " +
      "The level is moderate; without 1 signal it would be low, " +
      "one sure signal of severity 0.2 from the missing domain social would make it low.",
  );
});

test("explainRisk tells when nothing small changes the level, and when nothing would be left", () => {
  const standing = { ...risk, counterfactual: { removal: null, arrival: null } };
  expect(explainRisk(standing)).toMatch(/The level moderate stands whatever single change is tried\.$/);
  const alone = {
    ...risk,
    counterfactual: { removal: { signalIds: ["a", "b"], level: null }, arrival: null },
  };
  expect(explainRisk(alone)).toMatch(/The level is moderate; without 2 signals it would be unknown\.$/);
});
