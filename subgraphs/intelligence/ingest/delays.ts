/** Quantiles of the newest times, exact and of bounded size. */
export type Delay = {
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly signalCount: number;
};

export type Delays = {
  readonly add: (seconds: readonly number[]) => void;
  /** Null when nothing was added. */
  readonly measure: () => Delay | null;
};

const keptMax = 10_000;

export function createDelays(): Delays {
  const kept: number[] = [];
  let next = 0;
  return {
    add: (seconds) => {
      for (const second of seconds) {
        kept[next] = second;
        next = (next + 1) % keptMax;
      }
    },
    measure: () => {
      if (kept.length === 0) return null;
      const sorted = [...kept].sort((one, other) => one - other);
      const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      return { p50Seconds: at(0.5), p99Seconds: at(0.99), signalCount: sorted.length };
    },
  };
}
