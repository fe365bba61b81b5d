/**
 * Which signals a caller asks for. One meaning in two places: db/signals.ts makes SQL of a filter for stored rows,
 * `matchesFilter` holds it against an event before its row is loaded.
 */

export type SignalFilter = {
  readonly domains?: readonly string[];
  readonly countries?: readonly string[];
  readonly sources?: readonly string[];
  readonly minSeverity?: number;
  readonly observedFrom?: Date;
  readonly observedBefore?: Date;
};

/** The fields of a signal that a filter can ask about. */
export type FilteredFields = {
  readonly domain: string;
  readonly countryCode: string | null;
  readonly sourceCode: string;
  readonly severity: number;
  readonly observedAt: Date;
};

/** What is not given matches everything; an empty list matches nothing. */
export function matchesFilter(filter: SignalFilter, signal: FilteredFields): boolean {
  const { domains, countries, sources, minSeverity, observedFrom, observedBefore } = filter;
  return (
    (domains === undefined || domains.includes(signal.domain)) &&
    (countries === undefined || (signal.countryCode !== null && countries.includes(signal.countryCode))) &&
    (sources === undefined || sources.includes(signal.sourceCode)) &&
    (minSeverity === undefined || signal.severity >= minSeverity) &&
    (observedFrom === undefined || signal.observedAt >= observedFrom) &&
    (observedBefore === undefined || signal.observedAt < observedBefore)
  );
}
