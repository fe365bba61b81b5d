/**
 * What was heard of a country up to a moment, as numbers between 0 and 1 on a scale that is fixed, so that regions need
 * to exchange no statistics. A domain of which nothing was heard says so in a feature of its own (the mask): silence is
 * not the same as a severity of zero.
 */

export type SignalFact = {
  readonly domain: string;
  /** 0 to 1. */
  readonly severity: number;
  readonly observedAt: Date;
};

export const domains = ["GEOPOLITICAL", "ECONOMIC", "CYBER", "INFRASTRUCTURE", "SOCIAL"] as const;

const kinds = ["count-30d", "severity-30d", "count-365d", "severity-365d", "year-before", "missing"] as const;

/** In the order of a row: six of each domain. */
export const featureNames: readonly string[] = domains.flatMap((domain) =>
  kinds.map((kind) => `${domain.toLowerCase()}-${kind}`),
);

const dayMs = 24 * 60 * 60_000;
/** So many signals of a domain count as 1; more than that count as little more. */
const countFull = 100;

/** `facts` are those of one country, oldest first; what is later than `end` is not looked at. */
export function extractFeatures(facts: readonly SignalFact[], end: Date): Float32Array {
  const row = new Float32Array(featureNames.length);
  const heard = facts.filter((fact) => isWithin(fact, end, 365, 0));
  for (const [at, domain] of domains.entries()) {
    const year = heard.filter((fact) => fact.domain === domain);
    const offset = at * kinds.length;
    const month = year.filter((fact) => isWithin(fact, end, 30, 0));
    row[offset] = toShare(month.length);
    row[offset + 1] = highest(month);
    row[offset + 2] = toShare(year.length);
    row[offset + 3] = highest(year);
    // The days that correspond to the horizon, a year earlier: what comes every year shows here.
    row[offset + 4] = highest(year.filter((fact) => isWithin(fact, end, 365, 335)));
    row[offset + 5] = year.length === 0 ? 1 : 0;
  }
  return row;
}

/** From `from` days before the end (not with it) to `to` days before it (with it). */
function isWithin({ observedAt }: SignalFact, end: Date, from: number, to: number): boolean {
  const before = end.getTime() - observedAt.getTime();
  return before < from * dayMs && before >= to * dayMs;
}

function toShare(count: number): number {
  return Math.log1p(count) / Math.log1p(countFull);
}

function highest(facts: readonly SignalFact[]): number {
  return facts.reduce((most, { severity }) => Math.max(most, severity), 0);
}
