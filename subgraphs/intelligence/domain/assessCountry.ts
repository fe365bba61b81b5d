/** A computed risk as an assessment: what it is called, why, and whether it is news. */

import type { Counterfactual } from "./fusion/findCounterfactual.ts";
import type { FusedRisk } from "./fusion/fuse.ts";
import type { DomainContribution } from "./fusionContributions.ts";
import type { RiskLevel } from "./riskLevel.ts";

/** Below this, recency alone moves scores from one day to the next; a revision for it would tell nothing. */
const scoreStepMin = 0.005;

export type EarlierRisk = { readonly score: number; readonly contributions: readonly DomainContribution[] };

/** Whether a new revision says anything: the score moved, or other signals were seen. */
export function isNews(earlier: EarlierRisk, risk: EarlierRisk): boolean {
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

export type ExplainedRisk = Pick<
  FusedRisk,
  "score" | "coverage" | "contributions" | "level" | "counterfactual"
>;

/** The computation in words, so that a reader can follow it without its tables. */
export function explainRisk({
  score,
  coverage,
  contributions,
  level,
  counterfactual,
}: ExplainedRisk): string {
  const parts = [...contributions].sort((a, b) => b.weight - a.weight).map(explainDomain);
  return (
    `${percent(score)} by adding weighted log-odds of ${count(contributions.length, "domain")}: ${parts.join("; ")}. ` +
    `Domains with signals carry ${percent(coverage)} of all weight; the others were left out, not guessed. ` +
    explainChange(level, counterfactual)
  );
}

function explainChange(level: RiskLevel, { removal, arrival }: Counterfactual): string {
  const parts = [
    removal &&
      `without ${count(removal.signalIds.length, "signal")} it would be ${removal.level?.toLowerCase() ?? "unknown"}`,
    arrival &&
      `one sure signal of severity ${arrival.severity} from the missing domain ${arrival.domain.toLowerCase()} would make it ${arrival.level.toLowerCase()}`,
  ].filter((part) => part !== null);
  if (parts.length === 0) return `The level ${level.toLowerCase()} stands whatever single change is tried.`;
  return `The level is ${level.toLowerCase()}; ${parts.join(", ")}.`;
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
