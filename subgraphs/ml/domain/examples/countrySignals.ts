/**
 * The data set `country-signals`: what was heard of a country up to a moment, and whether something severe was heard
 * within the horizon after it. Moments stand on one grid for all countries, so regions cut the same windows.
 */
import { extractFeatures, type SignalFact } from "./extractFeatures.ts";

export const countrySignals = {
  dataset: "country-signals",
  /** What the label looks at. */
  horizonDays: 30,
  /** A signal at least this severe (0 to 1) makes the label 1. */
  severityMin: 0.5,
  /** Signals older than this count for no window. */
  windowDays: 365,
  /** From one window's end to the next. */
  stepDays: 30,
} as const;

export const dayMs = 24 * 60 * 60_000;
const stepMs = countrySignals.stepDays * dayMs;
const horizonMs = countrySignals.horizonDays * dayMs;
const windowMs = countrySignals.windowDays * dayMs;

export type Window = {
  /** What was observed up to this moment is known. */
  readonly end: Date;
  readonly features: Float32Array;
};

export type Example = Window & {
  readonly label: 0 | 1;
  /** When the label was known. */
  readonly labelAt: Date;
};

/** Windows that end in `from` or later and whose horizon ends in `until` or earlier. */
export type Span = { readonly from: Date; readonly until: Date };

/**
 * The windows of a country with at least one signal in them, oldest first. `facts` are those of the country, in any
 * order, from a window's length before the span on.
 */
export function buildExamples(facts: readonly SignalFact[], { from, until }: Span): readonly Example[] {
  const sorted = sortByTime(facts);
  return findEnds(sorted)
    .filter((end) => end >= from.getTime() && end + horizonMs <= until.getTime())
    .map((end) => ({
      end: new Date(end),
      features: extractFeatures(sorted, new Date(end)),
      label: isFollowed(sorted, end) ? 1 : 0,
      labelAt: new Date(end + horizonMs),
    }));
}

/** The window that ends with the step in which a country was heard of last; undefined when it never was. */
export function buildNewestWindow(facts: readonly SignalFact[]): Window | undefined {
  const sorted = sortByTime(facts);
  const last = sorted.at(-1);
  if (!last) return undefined;
  const end = new Date(toStep(last.observedAt.getTime()));
  return { end, features: extractFeatures(sorted, end) };
}

/** The windows that a signal of that time can have a part in, as what was heard or as what followed. */
export function findTouchedFrom(observedAt: Date): Date {
  return new Date(observedAt.getTime() - horizonMs);
}

/** What has to be known for windows from there on. */
export function findNeededFrom(from: Date): Date {
  return new Date(from.getTime() - windowMs);
}

/** The last step that is over at `now`: labels up to it are known. */
export function toLastStep(now: Date): Date {
  return new Date(Math.floor(now.getTime() / stepMs) * stepMs);
}

/** Every step whose window has a signal in it, oldest first. */
function findEnds(sorted: readonly SignalFact[]): readonly number[] {
  const ends = new Set<number>();
  for (const { observedAt } of sorted) {
    const time = observedAt.getTime();
    for (let end = toStep(time); end < time + windowMs; end += stepMs) ends.add(end);
  }
  return [...ends].sort((a, b) => a - b);
}

/** Also of times before 1970. */
function toStep(time: number): number {
  return Math.ceil(time / stepMs) * stepMs;
}

function isFollowed(sorted: readonly SignalFact[], end: number): boolean {
  return sorted.some(
    ({ observedAt, severity }) =>
      severity >= countrySignals.severityMin &&
      observedAt.getTime() > end &&
      observedAt.getTime() <= end + horizonMs,
  );
}

function sortByTime(facts: readonly SignalFact[]): readonly SignalFact[] {
  return [...facts].sort((a, b) => a.observedAt.getTime() - b.observedAt.getTime());
}
