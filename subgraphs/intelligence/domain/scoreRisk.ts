/**
 * One risk from signals of several domains: late fusion by a logarithmic opinion pool, which adds weighted log-odds
 * (Genest and Zidek 1986, "Combining Probability Distributions", https://doi.org/10.1214/ss/1177013825).
 *
 *     evidence of a signal   u = confidence × recency
 *     score of a domain      p = Σ u·severity / Σ u
 *     trust in a domain      c = Σ u / number of its signals
 *     share of a domain      a = w·c / Σ w·c           over the domains that have signals
 *     fused risk             logit P = Σ a·logit p
 *
 * A domain without signals is left out and the shares of the others grow: nothing seen is not the same as no risk.
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

/** However old, a signal keeps this part of its evidence, so that what is only old still counts against nothing. */
const recencyMin = 0.05;

/** No domain is ever sure: beyond these bounds one of them would outvote all others. */
const scoreBounds = { min: 0.01, max: 0.99 } as const;

const signalsMax = 50;

/** Null when there is no evidence at all. */
export function scoreRisk(evidence: readonly Evidence[], now: Date): FusedRisk | null {
  const seen = domains.map((domain) => weighDomain(domain, evidence, now)).filter((one) => one !== null);
  const total = sum(seen.map(({ pull }) => pull));
  if (total === 0) return null;
  const logOdds = sum(seen.map(({ pull, score }) => (pull / total) * logit(score)));
  return {
    score: round(1 / (1 + Math.exp(-logOdds))),
    coverage: round(sum(seen.map(({ domain }) => options[domain].weight))),
    contributions: seen.map(({ domain, score, signals, pull }) => ({
      domain,
      signalCount: signals.length,
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

type WeighedDomain = {
  readonly domain: Domain;
  readonly score: number;
  /** Weight × trust: its share before shares are made to add up to 1. */
  readonly pull: number;
  readonly signals: readonly { readonly id: string; readonly share: number }[];
};

function weighDomain(domain: Domain, evidence: readonly Evidence[], now: Date): WeighedDomain | null {
  const weighed = evidence
    .filter((signal) => signal.domain === domain)
    .map((signal) => ({ signal, weight: signal.confidence * recency(domain, signal.observedAt, now) }));
  const total = sum(weighed.map(({ weight }) => weight));
  if (total === 0) return null;
  return {
    domain,
    score: sum(weighed.map(({ signal, weight }) => weight * signal.severity)) / total,
    pull: (options[domain].weight * total) / weighed.length,
    signals: weighed.map(({ signal, weight }) => ({ id: signal.id, share: weight / total })),
  };
}

/** 1 for what happens now, halved of what exceeds the least with every half-life. */
function recency(domain: Domain, observedAt: Date, now: Date): number {
  const ageDays = Math.max(0, now.getTime() - observedAt.getTime()) / (24 * 60 * 60_000);
  return recencyMin + (1 - recencyMin) * 2 ** (-ageDays / options[domain].halfLifeDays);
}

function logit(score: number): number {
  const bounded = Math.min(scoreBounds.max, Math.max(scoreBounds.min, score));
  return Math.log(bounded / (1 - bounded));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Four decimals: more would claim a precision that severities do not have. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
