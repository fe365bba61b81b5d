/**
 * Trains boosted stumps: Friedman 2001, with the second-order gain and leaves of Chen and Guestrin 2016 (XGBoost, §2.2).
 * A step needs nothing of the examples but a histogram of their gradients, and histograms of several regions add up to
 * that of all examples: whoever sums them gets the very model that pooled examples would give, without any row.
 */
import type { BoostedStumps, Stump } from "./boostedStumps.ts";
import type { Sample } from "./trainable.ts";

export type Boosting = {
  /** How many stumps at most; fewer when none gains any more. */
  readonly stumps: number;
  /** Shrinkage of every leaf. */
  readonly learningRate: number;
  /** λ: as many examples of weight 1 that say nothing, in each leaf. */
  readonly regularisation: number;
  /** Fewer than so many examples make no leaf. */
  readonly leafMin: number;
};

/** Between these values a feature may be cut, in ascending order; for each feature. */
export type Cuts = readonly Float32Array[];

/** For each feature and bin: sum of gradients, sum of second derivatives, count. */
export type Histogram = readonly Float64Array[];

export function boostStumps(
  features: BoostedStumps["features"],
  horizonDays: number,
  samples: readonly Sample[],
  options: Boosting,
): BoostedStumps {
  const cuts = findCuts(samples, features.length);
  const counts = countLabels(samples);
  let model: BoostedStumps = {
    kind: "boosted-stumps",
    horizonDays,
    intercept: toIntercept(counts),
    features,
    stumps: [],
  };
  const logits = new Float64Array(samples.length).fill(model.intercept);
  while (model.stumps.length < options.stumps) {
    const stump = chooseStump(sumHistogram(samples, logits, cuts), cuts, options);
    if (!stump) break;
    model = { ...model, stumps: [...model.stumps, stump] };
    addStump(logits, samples, stump);
  }
  return model;
}

/** Half way between neighbouring values; where there are more than 255 of them, between quantiles. */
export function findCuts(samples: readonly Sample[], features: number): Cuts {
  return Array.from({ length: features }, (_, feature) => {
    const values = samples.map(({ input }) => input[feature] ?? 0).sort((a, b) => a - b);
    const distinct = values.filter((value, at) => at === 0 || value !== values[at - 1]);
    const bounds =
      distinct.length <= binsMax
        ? distinct
        : Array.from(
            { length: binsMax },
            (__, bin) => values[Math.floor((bin * values.length) / binsMax)] ?? 0,
          );
    const middles = bounds.slice(1).map((value, at) => Math.fround((value + (bounds[at] ?? 0)) / 2));
    return Float32Array.from(new Set(middles));
  });
}

/** As many as scikit-learn and LightGBM have by default. */
const binsMax = 255;

export type LabelCounts = { readonly negative: number; readonly positive: number };

export function countLabels(samples: readonly Sample[]): LabelCounts {
  const positive = samples.reduce((sum, { label }) => sum + label, 0);
  return { negative: samples.length - positive, positive };
}

/** Throws a RangeError where one class is missing: there is nothing to tell apart. */
export function toIntercept({ negative, positive }: LabelCounts): number {
  if (negative === 0 || positive === 0)
    throw new RangeError(`expected examples of both outcomes, came ${positive} with and ${negative} without`);
  return Math.log(positive / negative);
}

/** `logits`: what the model so far says of each sample. */
export function sumHistogram(samples: readonly Sample[], logits: Float64Array, cuts: Cuts): Histogram {
  const histogram = cuts.map((ofFeature) => new Float64Array(3 * (ofFeature.length + 1)));
  samples.forEach(({ input, label }, at) => {
    const probability = 1 / (1 + Math.exp(-(logits[at] ?? 0)));
    histogram.forEach((sums, feature) => {
      const bin = 3 * binOf(input[feature] ?? 0, cuts[feature] ?? new Float32Array());
      sums[bin] = (sums[bin] ?? 0) + probability - label;
      sums[bin + 1] = (sums[bin + 1] ?? 0) + probability * (1 - probability);
      sums[bin + 2] = (sums[bin + 2] ?? 0) + 1;
    });
  });
  return histogram;
}

/** The sum over regions. */
export function addHistograms(histograms: readonly Histogram[]): Histogram {
  const [first = [], ...others] = histograms;
  return first.map((sums, feature) =>
    sums.map((value, at) => others.reduce((sum, other) => sum + (other[feature]?.[at] ?? 0), value)),
  );
}

/** Undefined when no cut gains anything. Ties go to the first feature, and there to the lowest cut. */
export function chooseStump(histogram: Histogram, cuts: Cuts, options: Boosting): Stump | undefined {
  const { learningRate, regularisation, leafMin } = options;
  let best: Stump | undefined;
  let gainMax = 0;
  histogram.forEach((sums, feature) => {
    const [gradients, weights, count] = totalOf(sums);
    const whole = gradients ** 2 / (weights + regularisation);
    let [left, leftWeight, leftCount] = [0, 0, 0];
    (cuts[feature] ?? new Float32Array()).forEach((threshold, bin) => {
      left += sums[3 * bin] ?? 0;
      leftWeight += sums[3 * bin + 1] ?? 0;
      leftCount += sums[3 * bin + 2] ?? 0;
      if (leftCount < leafMin || count - leftCount < leafMin) return;
      const low = left / (leftWeight + regularisation);
      const high = (gradients - left) / (weights - leftWeight + regularisation);
      const gain = left * low + (gradients - left) * high - whole;
      if (!(gain > gainMax + gainTolerance)) return;
      gainMax = gain;
      best = { feature, threshold, low: -learningRate * low, high: -learningRate * high };
    });
  });
  return best;
}

/** Sums in another order differ by less than this, so that regions and pooled examples choose alike. */
const gainTolerance = 1e-9;

/** What the model says after one stump more; changes `logits`. */
export function addStump(logits: Float64Array, samples: readonly Sample[], stump: Stump): void {
  samples.forEach(({ input }, at) => {
    const isLow = (input[stump.feature] ?? 0) <= stump.threshold;
    logits[at] = (logits[at] ?? 0) + (isLow ? stump.low : stump.high);
  });
}

function totalOf(sums: Float64Array): readonly [number, number, number] {
  let [gradients, weights, count] = [0, 0, 0];
  for (let bin = 0; bin < sums.length; bin += 3) {
    gradients += sums[bin] ?? 0;
    weights += sums[bin + 1] ?? 0;
    count += sums[bin + 2] ?? 0;
  }
  return [gradients, weights, count];
}

/** How many cuts lie below the value: the first bin ends with its cut. */
export function binOf(value: number, cuts: Float32Array): number {
  let [from, to] = [0, cuts.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (value <= (cuts[middle] ?? 0)) to = middle;
    else from = middle + 1;
  }
  return from;
}
