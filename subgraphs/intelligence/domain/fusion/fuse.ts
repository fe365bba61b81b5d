/**
 * One risk from signals of several domains, by one of four methods, with everything that is needed to follow it:
 * which signals, what each counted, by which version of the method, and what would change it.
 */
import { type Domain, type DomainContribution, domains } from "../fusionContributions.ts";
import { type RiskLevel, riskLevel } from "../riskLevel.ts";
import { type CountedSignal, countOnce, type FusionSignal } from "./countOnce.ts";
import type { LastHeard } from "./decayConfidence.ts";
import { domainOptions } from "./domainOptions.ts";
import { type Counterfactual, findCounterfactual } from "./findCounterfactual.ts";
import { sum } from "./logOdds.ts";
import { type ConflictOptions, type ConflictReport, poolDempsterShafer } from "./poolDempsterShafer.ts";
import { poolEarly } from "./poolEarly.ts";
import { type Pooled, poolLate } from "./poolLate.ts";
import { type DomainSummary, summariseDomains } from "./summariseDomains.ts";
import { poolHybrid, type Stacker } from "./trainStacker.ts";

export type FusionMethod =
  | { readonly kind: "early" }
  | { readonly kind: "late" }
  | { readonly kind: "hybrid"; readonly stacker: Stacker; readonly judgedAt: Date }
  | ({ readonly kind: "dempster-shafer" } & ConflictOptions);

export type FusedSignal = {
  readonly id: string;
  /** Its share of the whole; the shares add up to 1. */
  readonly weight: number;
  /** Ids of its copies, which were not counted. */
  readonly copies: readonly string[];
};

export type FusedRisk = {
  /** 0 to 1, both excluded. */
  readonly score: number;
  readonly level: RiskLevel;
  readonly method: string;
  /** Results of one method and version are computed alike; raised when a formula or a constant changes. */
  readonly methodVersion: string;
  /** The weight of the domains that had evidence, 0 to 1. */
  readonly coverage: number;
  readonly contributions: readonly DomainContribution[];
  /** Domains without evidence: left out, not guessed. */
  readonly missing: readonly Domain[];
  /** All that were counted, heaviest first. */
  readonly signals: readonly FusedSignal[];
  readonly counterfactual: Counterfactual;
  /** Only of Dempster–Shafer; null otherwise. */
  readonly conflict: ConflictReport | null;
};

const methods = {
  early: { name: "early-evidence", version: "1" },
  late: { name: "late-log-odds", version: "2" },
  hybrid: { name: "hybrid-stacker", version: "1" },
  "dempster-shafer": { name: "dempster-shafer", version: "1" },
} as const;

/** Null when there is no evidence. Throws when a stacker would have to judge what lies before its training. */
export function fuse(
  signals: readonly FusionSignal[],
  lastHeard: LastHeard,
  method: FusionMethod,
): FusedRisk | null {
  const counted = countOnce(signals, lastHeard);
  const summaries = summariseDomains(counted);
  if (summaries.length === 0) return null;
  const { probability, shares, report } = pool(summaries, method);
  const score = round(probability);
  return {
    score,
    level: riskLevel(score),
    method: methods[method.kind].name,
    methodVersion: versionOf(method),
    coverage: round(sum(summaries.map(({ domain }) => domainOptions[domain].weight))),
    contributions: summaries.map((summary, index) => toContribution(summary, shares[index] ?? 0)),
    missing: domains.filter((domain) => !summaries.some((summary) => summary.domain === domain)),
    signals: summaries
      .flatMap((summary, index) => toFusedSignals(summary, shares[index] ?? 0))
      .sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1)),
    counterfactual: findCounterfactual(counted, (others) => findLevel(others, method)),
    conflict: report,
  };
}

function pool(
  summaries: readonly DomainSummary[],
  method: FusionMethod,
): Pooled & { readonly report: ConflictReport | null } {
  switch (method.kind) {
    case "early":
      return { ...poolEarly(summaries), report: null };
    case "late":
      return { ...poolLate(summaries), report: null };
    case "hybrid":
      return { ...poolHybrid(summaries, method.stacker, method.judgedAt), report: null };
    case "dempster-shafer":
      return poolDempsterShafer(summaries, method);
  }
}

function findLevel(counted: readonly CountedSignal[], method: FusionMethod): RiskLevel | null {
  const summaries = summariseDomains(counted);
  return summaries.length === 0 ? null : riskLevel(round(pool(summaries, method).probability));
}

/** A stacker is a version of its own by what it was trained on. */
function versionOf(method: FusionMethod): string {
  const { version } = methods[method.kind];
  if (method.kind !== "hybrid") return version;
  const { trainedBefore, exampleCount } = method.stacker;
  return `${version}, ${exampleCount} outcomes before ${trainedBefore.toISOString()}`;
}

function toContribution({ domain, score, signals }: DomainSummary, share: number): DomainContribution {
  const newest = Math.max(...signals.map(({ observedAt }) => observedAt.getTime()));
  const seen = sum(signals.map(({ copies }) => 1 + copies.length));
  return {
    domain,
    signalCount: seen,
    newest: new Date(newest).toISOString(),
    score: round(score),
    weight: roundShare(share),
  };
}

function toFusedSignals({ signals, evidence }: DomainSummary, share: number): readonly FusedSignal[] {
  return signals.map(({ id, weight, copies }) => ({ id, weight: (weight / evidence) * share, copies }));
}

/** Four decimals: more would claim a precision that severities do not have. Certainty is not given. */
function round(probability: number): number {
  return Math.min(0.9999, Math.max(0.0001, roundShare(probability)));
}

function roundShare(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
