/**
 * Hybrid fusion: a stacker (Wolpert 1992, "Stacked generalization") learns from what came true how far to follow late
 * fusion, early fusion and single domains. It is trained on a time split: only on judgements whose outcome was known
 * before a moment, and it may judge nothing before that moment.
 *
 *     logit P = β0 + β1·logit P_late + β2·logit P_early + Σ βd·(s − b)/v + Σ γd·ln(1 + U)/v
 *
 * The sums run over the domains that have evidence and are divided by the weight v of those, so that what is missing
 * adds nothing and the others stand in for it.
 */
import { type Domain, domains } from "../fusionContributions.ts";
import { base, domainOptions } from "./domainOptions.ts";
import { dot, fitLogistic } from "./fitLogistic.ts";
import { fromLogOdds, logit, sum } from "./logOdds.ts";
import { poolEarly } from "./poolEarly.ts";
import { type Pooled, poolLate } from "./poolLate.ts";
import type { DomainSummary } from "./summariseDomains.ts";

export type StackerExample = {
  /** When it was judged: no signal of its summaries may be newer. */
  readonly judgedAt: Date;
  /** When it was known whether it came true. */
  readonly outcomeAt: Date;
  readonly summaries: readonly DomainSummary[];
  readonly outcome: 0 | 1;
};

export type Stacker = {
  /** It was trained on outcomes before this moment and judges nothing that lies before it. */
  readonly trainedBefore: Date;
  readonly exampleCount: number;
  /** Intercept, late, early, severity of each domain, evidence of each domain. */
  readonly coefficients: readonly number[];
};

export type TrainOptions = {
  readonly trainedBefore: Date;
  /** How strongly coefficients are held to 0; default 1. */
  readonly ridge?: number;
};

export function trainStacker(
  examples: readonly StackerExample[],
  { trainedBefore, ridge = 1 }: TrainOptions,
): Stacker {
  const past = examples.filter(({ outcomeAt }) => outcomeAt < trainedBefore);
  for (const example of past) assertKnowsNoFuture(example);
  const outcomes = past.map(({ outcome }) => outcome);
  if (new Set(outcomes).size < 2)
    throw new Error(
      `expected outcomes of both kinds before ${trainedBefore.toISOString()}; got ${past.length} examples, ${outcomes.filter(Boolean).length} of them true`,
    );
  const rows = past.map(({ summaries }) => toFeatures(summaries));
  return { trainedBefore, exampleCount: past.length, coefficients: fitLogistic(rows, outcomes, ridge) };
}

/** Shares are those of late fusion: the stacker corrects what that says. */
export function poolHybrid(summaries: readonly DomainSummary[], stacker: Stacker, judgedAt: Date): Pooled {
  if (judgedAt < stacker.trainedBefore)
    throw new Error(
      `expected a stacker trained on outcomes before ${judgedAt.toISOString()}; got one trained until ${stacker.trainedBefore.toISOString()}`,
    );
  const logOdds = dot([1, ...toFeatures(summaries)], stacker.coefficients);
  return { probability: fromLogOdds(logOdds), shares: poolLate(summaries).shares };
}

function assertKnowsNoFuture({ judgedAt, outcomeAt, summaries }: StackerExample): void {
  if (outcomeAt < judgedAt)
    throw new Error(
      `expected an outcome after the judgement of ${judgedAt.toISOString()}; got one of ${outcomeAt.toISOString()}`,
    );
  const newer = summaries.flatMap(({ signals }) => signals).find(({ observedAt }) => observedAt > judgedAt);
  if (newer)
    throw new Error(
      `expected signals up to ${judgedAt.toISOString()}; got ${newer.id} of ${newer.observedAt.toISOString()}`,
    );
}

function toFeatures(summaries: readonly DomainSummary[]): readonly number[] {
  const seen = sum(summaries.map(({ domain }) => domainOptions[domain].weight));
  const byDomain = new Map(summaries.map((summary) => [summary.domain, summary]));
  const ofDomain = (measure: (summary: DomainSummary) => number) => (domain: Domain) => {
    const summary = byDomain.get(domain);
    return summary ? measure(summary) / seen : 0;
  };
  return [
    logit(poolLate(summaries).probability),
    logit(poolEarly(summaries).probability),
    ...domains.map(ofDomain(({ severity }) => severity - base.rate)),
    ...domains.map(ofDomain(({ evidence }) => Math.log1p(evidence))),
  ];
}
