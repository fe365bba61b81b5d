/** The 95th percentile of the last answers of an endpoint, for hedging. */
export type Latencies = {
  readonly add: (durationMs: number) => void;
  /** Undefined until enough is known. */
  readonly p95: () => number | undefined;
};

const kept = 256;
const neededMin = 20;
/** Sorting again after each answer would cost more than it tells. */
const sortedEvery = 32;

export function createLatencies(): Latencies {
  const durations = new Float64Array(kept);
  let count = 0;
  let sortedAt = 0;
  let p95: number | undefined;
  return {
    add: (durationMs) => {
      durations[count % kept] = durationMs;
      count += 1;
    },
    p95: () => {
      if (count < neededMin) return undefined;
      if (p95 === undefined || count - sortedAt >= sortedEvery) {
        const sorted = durations.slice(0, Math.min(count, kept)).sort();
        p95 = sorted[Math.floor(sorted.length * 0.95)];
        sortedAt = count;
      }
      return p95;
    },
  };
}
