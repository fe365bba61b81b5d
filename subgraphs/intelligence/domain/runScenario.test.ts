import { describe, expect, test } from "@jest/globals";
import { runScenario, type ScenarioInputs } from "./runScenario.ts";

const inputs: ScenarioInputs = {
  baseline: [
    { domain: "GEOPOLITICAL", score: 0.5, share: 0.5 },
    { domain: "CYBER", score: 0.8, share: 0.5 },
  ],
  shocks: [{ domain: "GEOPOLITICAL", shift: 1, spread: 0 }],
  draws: 1_000,
};

describe("runScenario", () => {
  test("without spread every draw is the shifted pool", () => {
    // 0.5·(0 + 1) + 0.5·ln 4 = 0.5 + 0.693147 = 1.193147; 1/(1+e^-1.193147) = 0.767303
    const { mean, p05, p50, p95 } = runScenario(inputs, "any");
    for (const risk of [mean, p05, p50, p95]) expect(risk).toBeCloseTo(0.767303, 5);
  });

  test("the same seed gives the same result, another one another", () => {
    const spread = { ...inputs, shocks: [{ domain: "CYBER" as const, shift: 0, spread: 1 }] };
    expect(runScenario(spread, "one")).toEqual(runScenario(spread, "one"));
    expect(runScenario(spread, "one")).not.toEqual(runScenario(spread, "two"));
  });

  test("quantiles lie where the normal distribution has them", () => {
    // One domain with share 1 and score 0.5: log-odds are standard normal; 5 % lie below -1.645, odds e^-1.645.
    const { p05, p50, p95 } = runScenario(
      {
        baseline: [{ domain: "CYBER", score: 0.5, share: 1 }],
        shocks: [{ domain: "CYBER", shift: 0, spread: 1 }],
        draws: 50_000,
      },
      "quantiles",
    );
    expect(p05).toBeCloseTo(1 / (1 + Math.exp(1.6449)), 2);
    expect(p50).toBeCloseTo(0.5, 2);
    expect(p95).toBeCloseTo(1 / (1 + Math.exp(-1.6449)), 2);
  });
});
