/**
 * Early fusion: the features of all domains are one body of evidence before anything is judged, so that a domain of
 * which much is known outweighs one of which little is. Late fusion instead caps each domain at its weight.
 *
 *     gain   g = n·w / Σ w                                over the n domains that have evidence
 *     risk   P = (k·b + Σ g·U·s) / (k + Σ g·U)            as of one domain, summariseDomains.ts
 *
 * This is the beta-binomial estimate with b·k and (1−b)·k as prior counts (Gelman et al., "Bayesian Data Analysis",
 * 3rd ed., section 2.4), on evidence that the weights of the domains scale.
 */
import { base, domainOptions } from "./domainOptions.ts";
import { keepUncertain, sum } from "./logOdds.ts";
import type { Pooled } from "./poolLate.ts";
import type { DomainSummary } from "./summariseDomains.ts";

export function poolEarly(summaries: readonly DomainSummary[]): Pooled {
  const weights = summaries.map(({ domain }) => domainOptions[domain].weight);
  const perWeight = summaries.length / sum(weights);
  const evidence = summaries.map((summary, index) => perWeight * (weights[index] ?? 0) * summary.evidence);
  const total = sum(evidence);
  const severities = sum(summaries.map(({ severity }, index) => (evidence[index] ?? 0) * severity));
  return {
    probability: keepUncertain((base.evidence * base.rate + severities) / (base.evidence + total)),
    shares: evidence.map((one) => one / total),
  };
}
