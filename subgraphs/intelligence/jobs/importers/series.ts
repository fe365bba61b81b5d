/** What importers of time series share: the series itself once a run, each value, and the change since the one before. */
import type { IndicatorRow, ObservationRow } from "./importer.ts";

export type Change = {
  readonly from: number;
  readonly to: number;
  /** Relative: 0.1 is a tenth more. */
  readonly change: number;
};

/**
 * Remembers the last value of each series while a file is read. A change is told only from one period to the very
 * next: across a gap, or backwards in a file out of order, it would be no news of that period.
 */
export function createSeriesReader(isNext: (earlier: Date, later: Date) => boolean) {
  const last = new Map<string, { readonly period: Date; readonly value: number }>();
  return (
    indicator: IndicatorRow,
    period: Date,
    value: number,
    updatedAt: Date,
  ): { indicators: IndicatorRow[]; observations: ObservationRow[]; change: Change | null } => {
    const before = last.get(indicator.code);
    last.set(indicator.code, { period, value });
    return {
      // Once a run: the same series may be called differently further down, and the first name has it.
      indicators: before === undefined ? [indicator] : [],
      observations: [
        { indicatorCode: indicator.code, period: period.toISOString().slice(0, 10), value, updatedAt },
      ],
      change:
        before !== undefined && before.value > 0 && isNext(before.period, period)
          ? { from: before.value, to: value, change: value / before.value - 1 }
          : null,
    };
  };
}

/** A change of a quarter or more is as grave as it gets. */
export const gravestChange = 0.25;

/** `+7.3 %`. */
export function toPercent(change: number): string {
  return `${change < 0 ? "−" : "+"}${(Math.abs(change) * 100).toFixed(1)} %`;
}
