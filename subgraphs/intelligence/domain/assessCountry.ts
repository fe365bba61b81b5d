/** A computed risk as an assessment: what it is called, why, and whether it is news. */
import type { DomainContribution } from "./fusionContributions.ts";
import type { FusedRisk } from "./scoreRisk.ts";

/** Below this, recency alone moves scores from one day to the next; a revision for it would tell nothing. */
const scoreStepMin = 0.005;

export type EarlierRisk = { readonly score: number; readonly contributions: readonly DomainContribution[] };

/** Whether a new revision says anything: the score moved, or other signals were seen. */
export function isNews(earlier: EarlierRisk, risk: FusedRisk): boolean {
  return (
    Math.abs(risk.score - earlier.score) >= scoreStepMin ||
    describeSeen(earlier.contributions) !== describeSeen(risk.contributions)
  );
}

function describeSeen(contributions: readonly DomainContribution[]): string {
  return contributions.map(({ domain, signalCount }) => `${domain} ${signalCount}`).join(", ");
}

export function titleOf(countryCode: string): string {
  return `Risk of ${countryNames.of(countryCode) ?? countryCode} over 30 days`;
}

const countryNames = new Intl.DisplayNames("en", { type: "region" });

/** The computation in words, so that a reader can follow it without its tables. */
export function explainRisk({ score, coverage, contributions }: FusedRisk): string {
  const parts = [...contributions].sort((a, b) => b.weight - a.weight).map(explainDomain);
  return (
    `${percent(score)} by adding weighted log-odds of ${count(contributions.length, "domain")}: ${parts.join("; ")}. ` +
    `Domains with signals carry ${percent(coverage)} of all weight; the others were left out, not guessed.`
  );
}

function explainDomain({ domain, signalCount, newest, score, weight }: DomainContribution): string {
  const signals = `${count(signalCount, "signal")} up to ${newest.slice(0, 10)}`;
  return `${domain.toLowerCase()} ${percent(score)} with a share of ${percent(weight)}, from ${signals}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
