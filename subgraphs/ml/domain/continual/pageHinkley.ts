/**
 * Page–Hinkley test (Page 1954; as in Gama et al. 2014, §3.2.1): sums how far values lie above their own mean, less a
 * tolerance, and tells when the sum has risen by `threshold` over its lowest point: the mean has gone up.
 */
export type PageHinkley = {
  /** True when the mean has gone up; the test then starts anew. */
  readonly add: (value: number) => boolean;
  /** Of the last value: how far the sum was above its lowest point. */
  readonly statistic: () => number;
  /** All that it knows, for one that goes on later. */
  readonly state: () => PageHinkleyState;
};

export type PageHinkleyState = {
  readonly count: number;
  readonly mean: number;
  readonly sum: number;
  readonly lowest: number;
};

export type PageHinkleyOptions = {
  /** Changes smaller than this are not looked for. */
  readonly tolerance: number;
  readonly threshold: number;
  /** No alarm on fewer values. */
  readonly valuesMin: number;
};

const beginning: PageHinkleyState = { count: 0, mean: 0, sum: 0, lowest: 0 };

export function createPageHinkley(
  { tolerance, threshold, valuesMin }: PageHinkleyOptions = {
    tolerance: 0.005,
    threshold: 50,
    valuesMin: 30,
  },
  state = beginning,
): PageHinkley {
  let { count, mean, sum, lowest } = state;
  let statistic = sum - lowest;
  return {
    add: (value) => {
      if (!Number.isFinite(value)) throw new RangeError(`expected a finite value, came ${value}`);
      count += 1;
      mean += (value - mean) / count;
      sum += value - mean - tolerance;
      lowest = Math.min(lowest, sum);
      statistic = sum - lowest;
      if (count < valuesMin || statistic <= threshold) return false;
      ({ count, mean, sum, lowest } = beginning);
      return true;
    },
    statistic: () => statistic,
    state: () => ({ count, mean, sum, lowest }),
  };
}
