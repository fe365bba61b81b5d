/** A what-if of the demonstration tenant with one run. What is supposed is made up; the outcome is computed from it. */
import { naturalId } from "../../../shared/ids.ts";
import { runScenario, type ScenarioInputs } from "../../domain/runScenario.ts";

const inputs: ScenarioInputs = {
  baseline: [
    { domain: "GEOPOLITICAL", score: 0.4, share: 0.4 },
    { domain: "ECONOMIC", score: 0.3, share: 0.35 },
    { domain: "INFRASTRUCTURE", score: 0.2, share: 0.25 },
  ],
  shocks: [
    { domain: "ECONOMIC", shift: 0.7, spread: 0.3 },
    { domain: "INFRASTRUCTURE", shift: 0.4, spread: 0.5 },
  ],
  draws: 10_000,
};

const seed = "oil-shock-1";
const createdAt = new Date("2026-01-01T00:00:00Z");

export function demoScenario(tenant: string) {
  const id = naturalId(tenant, "scenario", "oil-shock");
  return {
    scenario: {
      id,
      tenant,
      residency: "global",
      name: "Seeded example: oil shock",
      description:
        "Oil doubles in price for a quarter: the odds of economic trouble double, supply of power suffers.",
      version: 1,
      inputs,
      createdAt,
    },
    run: {
      id: naturalId(tenant, "scenario-run", "oil-shock", "1", seed),
      tenant,
      residency: "global",
      scenarioId: id,
      seed,
      status: "COMPLETED",
      progress: 1,
      result: runScenario(inputs, seed),
      startedAt: createdAt,
      finishedAt: createdAt,
    },
  };
}
