/**
 * The matrix that early and hybrid fusion read: a row for each entity and window in which anything was heard, and a
 * mask of the domains that were. A row knows nothing that was observed at its end or later.
 */
import { domains } from "../fusionContributions.ts";
import { countOnce, type FusionSignal } from "./countOnce.ts";
import { findLastHeard } from "./decayConfidence.ts";
import { type DomainSummary, summariseDomains } from "./summariseDomains.ts";

/** What a row is about: a country, a plant, an organisation. */
export type EntitySignal = FusionSignal & { readonly entity: string };

export type FeatureRow = {
  readonly entity: string;
  readonly from: Date;
  /** Not included. */
  readonly until: Date;
  /** Which of `domains` had evidence, in their order. */
  readonly available: readonly boolean[];
  /** Of the available ones only. */
  readonly summaries: readonly DomainSummary[];
};

export type WindowOptions = {
  readonly from: Date;
  /** Only whole windows that end by then. */
  readonly until: Date;
  readonly windowDays: number;
};

const dayMs = 24 * 60 * 60_000;

/** Sorted by window, then entity. */
export function extractFeatures(
  signals: readonly EntitySignal[],
  { from, until, windowDays }: WindowOptions,
): readonly FeatureRow[] {
  const windowMs = windowDays * dayMs;
  if (!(windowMs > 0)) throw new RangeError(`windowDays: expected more than 0; got ${windowDays}`);
  const count = Math.floor((until.getTime() - from.getTime()) / windowMs);
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const start = new Date(from.getTime() + index * windowMs);
    return extractWindow(signals, start, new Date(start.getTime() + windowMs));
  }).flat();
}

function extractWindow(signals: readonly EntitySignal[], from: Date, until: Date): readonly FeatureRow[] {
  const within = signals.filter(({ observedAt }) => observedAt >= from && observedAt < until);
  const lastHeard = findLastHeard(within, until);
  const entities = [...new Set(within.map(({ entity }) => entity))].sort();
  return entities.flatMap((entity) => {
    const own = within.filter((signal) => signal.entity === entity);
    const summaries = summariseDomains(countOnce(own, lastHeard));
    const available = domains.map((domain) => summaries.some((summary) => summary.domain === domain));
    return summaries.length === 0 ? [] : [{ entity, from, until, available, summaries }];
  });
}
