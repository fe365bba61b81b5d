/**
 * What each domain says, which all methods of fusion start from:
 *
 *     evidence   U = Σ u                            u: weight of a signal, countOnce.ts
 *     severity   s = Σ u·severity / U
 *     score      p = (k·b + U·s) / (k + U)          b: base rate, k: evidence that it is worth
 *     trust      c = U / (k + U)
 *
 * A domain with next to no evidence has no summary. Nothing stands in for it: nothing seen is not the same as no risk.
 */
import { type Domain, domains } from "../fusionContributions.ts";
import type { CountedSignal } from "./countOnce.ts";
import { base, evidenceMin } from "./domainOptions.ts";
import { sum } from "./logOdds.ts";

export type DomainSummary = {
  readonly domain: Domain;
  readonly evidence: number;
  readonly severity: number;
  readonly score: number;
  readonly trust: number;
  readonly signals: readonly CountedSignal[];
};

/** In the order of `domains`. */
export function summariseDomains(signals: readonly CountedSignal[]): readonly DomainSummary[] {
  return domains
    .map((domain) =>
      summarise(
        domain,
        signals.filter((signal) => signal.domain === domain),
      ),
    )
    .filter((summary) => summary !== null);
}

function summarise(domain: Domain, signals: readonly CountedSignal[]): DomainSummary | null {
  const evidence = sum(signals.map(({ weight }) => weight));
  if (evidence < evidenceMin) return null;
  const severities = sum(signals.map(({ weight, severity }) => weight * severity));
  return {
    domain,
    evidence,
    severity: severities / evidence,
    score: (base.evidence * base.rate + severities) / (base.evidence + evidence),
    trust: evidence / (base.evidence + evidence),
    signals,
  };
}
