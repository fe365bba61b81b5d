/**
 * Page–Hinkley test (Page 1954; as in Gama et al. 2014, §3.2.1): sums how far values lie above their own mean, less a
 * tolerance, and tells when the sum has risen by `threshold` over its lowest point: the mean has gone up.
 */
export type PageHinkley = {
  /** True when the mean has gone up; the test then starts anew. */
  readonly add: (value: number) => boolean;
  readonly statistic: () => number;
};

export type PageHinkleyOptions = {
  /** Changes smaller than this are not looked for. */
  readonly tolerance: number;
  readonly threshold: number;
  /** No alarm on fewer values. */
  readonly valuesMin: number;
};

export function createPageHinkley(
  { tolerance, threshold, valuesMin }: PageHinkleyOptions = {
    tolerance: 0.005,
    threshold: 50,
    valuesMin: 30,
  },
): PageHinkley {
  let count = 0;
  let mean = 0;
  let sum = 0;
  let lowest = 0;
  return {
    add: (value) => {
      if (!Number.isFinite(value)) throw new RangeError(`expected a finite value, came ${value}`);
      count += 1;
      mean += (value - mean) / count;
      sum += value - mean - tolerance;
      lowest = Math.min(lowest, sum);
      if (count < valuesMin || sum - lowest <= threshold) return false;
      [count, mean, sum, lowest] = [0, 0, 0, 0];
      return true;
    },
    statistic: () => sum - lowest,
  };
}
