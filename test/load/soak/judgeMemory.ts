/** Whether memory is flat: what is used at the end of a soak is what was used before. */

export type MemoryVerdict = {
  /** Medians in MiB, of the second quarter of the time and of the last. The first is warming up. */
  readonly earlyMiB: number;
  readonly lateMiB: number;
  readonly peakMiB: number;
  readonly isFlat: boolean;
};

/** The collector lets a heap breathe; what leaks goes on past this. */
const growthMax = 1.1;

/** Samples at even intervals, in MiB. */
export function judgeMemory(samples: readonly number[]): MemoryVerdict {
  const quarter = samples.length / 4;
  const early = median(samples.slice(Math.floor(quarter), Math.floor(quarter * 2)));
  const late = median(samples.slice(Math.floor(quarter * 3)));
  return {
    earlyMiB: Math.round(early),
    lateMiB: Math.round(late),
    peakMiB: Math.round(Math.max(0, ...samples)),
    isFlat: samples.length >= 4 && late <= early * growthMax,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
