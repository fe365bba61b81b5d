/**
 * What-ifs by Monte Carlo: each draw shifts the log-odds of the domains by what is supposed, give or take, and pools
 * them as late fusion does (fusion/poolLate.ts). The same inputs and seed give the same result.
 */
import { z } from "zod";
import { createSeededRandom } from "../../shared/seededRandom.ts";
import { domains } from "./fusionContributions.ts";

export const scenarioInputs = z.object({
  /** The risk before anything happens, 0 to 1, and the share of each domain in it. */
  baseline: z.array(
    z.object({ domain: z.enum(domains), score: z.number().gt(0).lt(1), share: z.number().min(0).max(1) }),
  ),
  /** In log-odds: 0.7 doubles the odds. `spread` is one standard deviation. */
  shocks: z.array(z.object({ domain: z.enum(domains), shift: z.number(), spread: z.number().min(0) })),
  draws: z.number().int().min(1).max(1_000_000),
});

export type ScenarioInputs = z.infer<typeof scenarioInputs>;

/** Risks, 0 to 1: the mean of all draws and the bounds that 5, 50 and 95 % of them stay below. */
export type ScenarioOutcome = {
  readonly mean: number;
  readonly p05: number;
  readonly p50: number;
  readonly p95: number;
};

export function runScenario({ baseline, shocks, draws }: ScenarioInputs, seed: string): ScenarioOutcome {
  const random = createSeededRandom(seed);
  const shocksOf = new Map(shocks.map((shock) => [shock.domain, shock]));
  const risks = Array.from({ length: draws }, () => {
    const logOdds = baseline.reduce((total, { domain, score, share }) => {
      const { shift, spread } = shocksOf.get(domain) ?? { shift: 0, spread: 0 };
      return total + share * (Math.log(score / (1 - score)) + shift + spread * random.nextNormal());
    }, 0);
    return 1 / (1 + Math.exp(-logOdds));
  }).sort((a, b) => a - b);
  const quantile = (part: number): number =>
    risks[Math.min(draws - 1, Math.floor(part * draws))] ?? Number.NaN;
  return {
    mean: risks.reduce((total, risk) => total + risk, 0) / draws,
    p05: quantile(0.05),
    p50: quantile(0.5),
    p95: quantile(0.95),
  };
}
