/**
 * One risk from signals of several domains: late fusion by a logarithmic opinion pool, which adds weighted log-odds
 * (Genest and Zidek 1986, "Combining Probability Distributions", https://doi.org/10.1214/ss/1177013825).
 *
 *     evidence of a signal   u = confidence × recency
 *     score of a domain      p = (k·b + Σ u·severity) / (k + Σ u)    b: base rate, k: evidence that it is worth
 *     trust in a domain      c = Σ u / (k + Σ u)
 *     share of a domain      a = w·c / Σ w·c                         over the domains that have evidence
 *     fused risk             logit P = Σ a·logit p
 *
 * A domain without evidence is left out and the shares of the others grow: nothing seen is not the same as no risk.
 * How much was seen is told apart from the risk, as `coverage`.
 */
import { type Domain, type DomainContribution, domains } from "./fusionContributions.ts";

export const fusionMethod = "late-log-odds";

export type Evidence = {
  readonly id: string;
  readonly domain: Domain;
  readonly severity: number;
  readonly confidence: number;
  readonly observedAt: Date;
};

export type FusedRisk = {
  readonly score: number;
  /** The weight of the domains that had signals, 0 to 1. */
  readonly coverage: number;
  readonly contributions: readonly DomainContribution[];
  /** The signals that moved the score most, heaviest first. */
  readonly signalIds: readonly string[];
};

type DomainOptions = { readonly weight: number; readonly halfLifeDays: number };

/** A judgement, not a measurement: what each domain counts (adds up to 1), and how fast its news ages. */
const options: Readonly<Record<Domain, DomainOptions>> = {
  GEOPOLITICAL: { weight: 0.3, halfLifeDays: 30 },
  ECONOMIC: { weight: 0.2, halfLifeDays: 90 },
  CYBER: { weight: 0.2, halfLifeDays: 180 },
  INFRASTRUCTURE: { weight: 0.2, halfLifeDays: 60 },
  SOCIAL: { weight: 0.1, halfLifeDays: 7 },
};

/** What is supposed of a place of which nothing is known, worth as much as one fresh signal that is sure. */
const base = { rate: 0.1, evidence: 1 } as const;

/** Less than this is as good as nothing: the domain is missing. */
const evidenceMin = 0.01;

const signalsMax = 50;

/** When each domain was last heard of, from anywhere. */
export type LastHeard = ReadonlyMap<Domain, Date>;

/** Null when there is no evidence. */
export function scoreRisk(evidence: readonly Evidence[], lastHeard: LastHeard): FusedRisk | null {
  const seen = domains
    .map((domain) => weighDomain(domain, evidence, lastHeard.get(domain)))
    .filter((one) => one !== null);
  if (seen.length === 0) return null;
  const total = sum(seen.map(({ pull }) => pull));
  const logOdds = sum(seen.map(({ pull, score }) => (pull / total) * logit(score)));
  return {
    score: round(1 / (1 + Math.exp(-logOdds))),
    coverage: round(sum(seen.map(({ domain }) => options[domain].weight))),
    contributions: seen.map(({ domain, score, signals, newest, pull }) => ({
      domain,
      signalCount: signals.length,
      newest: newest.toISOString(),
      score: round(score),
      weight: round(pull / total),
    })),
    signalIds: seen
      .flatMap(({ signals, pull }) => signals.map(({ id, share }) => ({ id, share: share * (pull / total) })))
      .sort((a, b) => b.share - a.share || a.id.localeCompare(b.id))
      .slice(0, signalsMax)
      .map(({ id }) => id),
  };
}

/**
 * Signals age against the last that was heard of their domain, not against the clock: a feed that ends tells of its
 * last day, and what it is silent on since has not become calm. Capped at `now`, which no signal may move.
 */
export function findLastHeard(evidence: readonly Evidence[], now: Date): LastHeard {
  const lastHeard = new Map<Domain, Date>();
  for (const { domain, observedAt } of evidence) {
    const moment = observedAt < now ? observedAt : now;
    if (moment > (lastHeard.get(domain) ?? new Date(0))) lastHeard.set(domain, moment);
  }
  return lastHeard;
}

type WeighedDomain = {
  readonly domain: Domain;
  readonly score: number;
  /** Weight × trust: its share before shares are made to add up to 1. */
  readonly pull: number;
  readonly newest: Date;
  readonly signals: readonly { readonly id: string; readonly share: number }[];
};

function weighDomain(
  domain: Domain,
  evidence: readonly Evidence[],
  lastHeard: Date | undefined,
): WeighedDomain | null {
  const weighed = evidence
    .filter((signal) => signal.domain === domain)
    .map((signal) => ({
      ...signal,
      weight: signal.confidence * recency(domain, signal.observedAt, lastHeard ?? signal.observedAt),
    }));
  const total = sum(weighed.map(({ weight }) => weight));
  if (total < evidenceMin) return null;
  const severities = sum(weighed.map(({ weight, severity }) => weight * severity));
  return {
    domain,
    score: (base.evidence * base.rate + severities) / (base.evidence + total),
    pull: (options[domain].weight * total) / (base.evidence + total),
    newest: new Date(Math.max(...weighed.map(({ observedAt }) => observedAt.getTime()))),
    signals: weighed.map(({ id, weight }) => ({ id, share: weight / total })),
  };
}

/** 1 for the last that was heard, half for every half-life before it. */
function recency(domain: Domain, observedAt: Date, lastHeard: Date): number {
  const ageDays = Math.max(0, lastHeard.getTime() - observedAt.getTime()) / (24 * 60 * 60_000);
  return 2 ** (-ageDays / options[domain].halfLifeDays);
}

/** Never of 0 or 1: the base rate keeps scores between. */
function logit(score: number): number {
  return Math.log(score / (1 - score));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Four decimals: more would claim a precision that severities do not have. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
