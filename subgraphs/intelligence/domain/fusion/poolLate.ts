/**
 * Late fusion: each domain is judged alone, then a logarithmic opinion pool adds their weighted log-odds (Genest and
 * Zidek 1986, "Combining Probability Distributions", https://doi.org/10.1214/ss/1177013825).
 *
 *     share      a = w·c / Σ w·c        over the domains that have evidence; w: weight, c: trust
 *     risk       logit P = Σ a·logit p
 */
import { domainOptions } from "./domainOptions.ts";
import { fromLogOdds, logit, sum } from "./logOdds.ts";
import type { DomainSummary } from "./summariseDomains.ts";

/** What a method makes of the domains that have evidence: at least one. */
export type Pooled = {
  readonly probability: number;
  /** What each of the domains counted, in their order; adds up to 1. */
  readonly shares: readonly number[];
};

export function poolLate(summaries: readonly DomainSummary[]): Pooled {
  const pulls = summaries.map(({ domain, trust }) => domainOptions[domain].weight * trust);
  const total = sum(pulls);
  const shares = pulls.map((pull) => pull / total);
  const logOdds = sum(summaries.map(({ score }, index) => (shares[index] ?? 0) * logit(score)));
  return { probability: fromLogOdds(logOdds), shares };
}
