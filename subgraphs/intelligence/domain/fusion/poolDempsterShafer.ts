/**
 * Dempster–Shafer fusion over {risk, calm}. A domain commits only as much belief as it is trusted (discounting, Shafer
 * 1976, chapter 11), the rest says that it does not know:
 *
 *     t = (w / largest w)·c      m(risk) = t·s      m(calm) = t·(1 − s)      m(either) = 1 − t
 *
 * After combining, what nobody knows counts at the base rate: P = m(risk) + b·m(either) (the projected probability of
 * Jøsang 2016, "Subjective Logic", section 3.2).
 */
import { type CombineOptions, combineMasses } from "./combineMasses.ts";
import { base, domainOptions } from "./domainOptions.ts";
import { keepUncertain, sum } from "./logOdds.ts";
import type { Pooled } from "./poolLate.ts";
import type { DomainSummary } from "./summariseDomains.ts";

const risk = 0b01;
const calm = 0b10;
const either = risk | calm;

export type ConflictOptions = Omit<CombineOptions, "frame">;

/** A judgement: at 0.8, normalising would multiply the fifth that the domains agree on by five. */
export const conflictDefaults: ConflictOptions = { conflictMax: 0.8, fallback: "yager" };

export type ConflictReport = {
  /** K: how much of the domains' belief contradicts, 0 to 1. */
  readonly conflict: number;
  /** Whether Dempster's rule was refused. */
  readonly conflicted: boolean;
  readonly rule: "dempster" | "yager" | "average";
  readonly belief: number;
  readonly plausibility: number;
};

export function poolDempsterShafer(
  summaries: readonly DomainSummary[],
  options: ConflictOptions,
): Pooled & { readonly report: ConflictReport } {
  const largest = Math.max(...summaries.map(({ domain }) => domainOptions[domain].weight));
  const commitments = summaries.map(({ domain, trust }) => (domainOptions[domain].weight / largest) * trust);
  const sources = summaries.map(({ severity }, index) => commit(commitments[index] ?? 0, severity));
  const { masses, conflict, rule } = combineMasses(sources, { ...options, frame: either });
  const belief = masses.get(risk) ?? 0;
  const unknown = masses.get(either) ?? 0;
  const total = sum(commitments);
  return {
    probability: keepUncertain(belief + base.rate * unknown),
    shares: commitments.map((one) => one / total),
    report: { conflict, conflicted: rule !== "dempster", rule, belief, plausibility: belief + unknown },
  };
}

function commit(trust: number, severity: number) {
  return new Map([
    [risk, trust * severity],
    [calm, trust * (1 - severity)],
    [either, 1 - trust],
  ]);
}
