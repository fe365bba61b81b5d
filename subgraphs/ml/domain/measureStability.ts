/**
 * Population stability index: Σ (aᵢ − eᵢ) ln(aᵢ / eᵢ) over bins that each hold an equal share of the reference, where
 * eᵢ and aᵢ are the shares of the reference and of the sample. 0 means alike; above 0.2 is commonly called drift
 * (Siddiqi, Credit Risk Scorecards, 2006).
 */
export const driftThreshold = 0.2;

/** An empty bin would make the index infinite. */
const shareMin = 1e-4;

export function measureStability(reference: readonly number[], sample: readonly number[], bins = 10): number {
  if (reference.length < bins || sample.length === 0) {
    throw new RangeError(`expected a sample and at least ${bins} values to compare it with`);
  }
  const sorted = [...reference].sort((a, b) => a - b);
  const bounds = Array.from(
    { length: bins - 1 },
    (_, bin) => sorted[Math.floor(((bin + 1) * sorted.length) / bins)],
  );
  const expected = sharesOf(reference, bounds);
  const actual = sharesOf(sample, bounds);
  return expected.reduce((sum, e, bin) => {
    const a = actual[bin] ?? shareMin;
    return sum + (a - e) * Math.log(a / e);
  }, 0);
}

function sharesOf(values: readonly number[], bounds: readonly (number | undefined)[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    const bin = bounds.filter((bound) => bound !== undefined && value >= bound).length;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => Math.max(count / values.length, shareMin));
}
