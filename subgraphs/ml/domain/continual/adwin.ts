/**
 * ADWIN (Bifet and Gavaldà 2007, "Learning from Time-Changing Data with Adaptive Windowing", ADWIN2 in §4): keeps a window
 * of the newest values and drops its older part when both parts cannot have one mean. Memory and time for a value are
 * logarithmic in the window.
 */

export type Adwin = {
  /** True when the window was cut: the mean has changed. */
  readonly add: (value: number) => boolean;
  readonly mean: () => number;
  /** How many values the window holds. */
  readonly size: () => number;
  /** Of the last value: the largest difference of two parts in units of what is allowed; above 1 the window was cut. */
  readonly statistic: () => number;
  /** All that it knows, for one that goes on later. */
  readonly state: () => AdwinState;
};

/** Oldest first, so largest first. */
export type AdwinState = readonly Bucket[];

/** Values of one bucket, summed up. */
type Bucket = { readonly count: number; readonly sum: number; readonly squares: number };

/** M of the paper: so many buckets of one size before two become one of twice the size. */
const bucketsPerSize = 5;
/** Neither part is judged on fewer values. */
const partMin = 5;

/** `delta` bounds the probability of a cut where nothing changed. Values from 0 to 1. */
export function createAdwin(delta = 0.002, state: AdwinState = []): Adwin {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`expected δ between 0 and 1, came ${delta}`);
  let buckets = [...state];
  let largest = 0;

  function total(): Bucket {
    return buckets.reduce(merge, empty);
  }

  function cutOnce(): boolean {
    const all = total();
    let old = empty;
    for (const bucket of buckets.slice(0, -1)) {
      old = merge(old, bucket);
      const young = { count: all.count - old.count, sum: all.sum - old.sum, squares: 0 };
      if (old.count < partMin || young.count < partMin) continue;
      const difference = Math.abs(old.sum / old.count - young.sum / young.count);
      const ratio = difference / boundOf(old.count, young.count, all, delta);
      largest = Math.max(largest, ratio);
      if (ratio <= 1) continue;
      buckets = buckets.slice(1);
      return true;
    }
    return false;
  }

  return {
    add: (value) => {
      if (!Number.isFinite(value)) throw new RangeError(`expected a finite value, came ${value}`);
      buckets = compress([...buckets, { count: 1, sum: value, squares: value * value }]);
      let isCut = false;
      largest = 0;
      while (cutOnce()) isCut = true;
      return isCut;
    },
    mean: () => {
      const { count, sum } = total();
      return count === 0 ? 0 : sum / count;
    },
    size: () => total().count,
    statistic: () => largest,
    state: () => buckets,
  };
}

const empty: Bucket = { count: 0, sum: 0, squares: 0 };

function merge(a: Bucket, b: Bucket): Bucket {
  return { count: a.count + b.count, sum: a.sum + b.sum, squares: a.squares + b.squares };
}

/** ε_cut of §4: √(2/m · σ² · ln(2/δ′)) + 2/(3m) · ln(2/δ′), m harmonic, δ′ = δ / ln n. */
function boundOf(old: number, young: number, all: Bucket, delta: number): number {
  const harmonic = 1 / (1 / old + 1 / young);
  const mean = all.sum / all.count;
  const variance = Math.max(0, all.squares / all.count - mean * mean);
  const logarithm = Math.log((2 * Math.log(all.count)) / delta);
  return Math.sqrt((2 / harmonic) * variance * logarithm) + (2 / (3 * harmonic)) * logarithm;
}

/** The two oldest buckets of a size that has too many become one of the next. */
function compress(buckets: readonly Bucket[]): Bucket[] {
  const result = [...buckets];
  for (let size = 1; ; size *= 2) {
    const first = result.findIndex(({ count }) => count === size);
    const [older, younger] = [result[first], result[first + 1]];
    const ofSize = result.filter(({ count }) => count === size).length;
    if (ofSize <= bucketsPerSize || !older || !younger) return result;
    result.splice(first, 2, merge(older, younger));
  }
}
