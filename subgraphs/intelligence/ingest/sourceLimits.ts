/** One source must not take the place of all others: each has so many records a second, and what is above is refused. */
export type SourceLimits = {
  /** Whether one more record of the source may come in now. */
  readonly take: (tenant: string, sourceCode: string) => boolean;
};

type Bucket = { tokens: number; filledAt: number };

/** A source may save up two seconds' worth, for batches. */
const burstSeconds = 2;

/** `perSecond` 0 limits nothing. */
export function createSourceLimits(perSecond: number, now: () => number = Date.now): SourceLimits {
  const burst = perSecond * burstSeconds;
  // As many as there are sources: codes are checked before they are counted.
  const buckets = new Map<string, Bucket>();
  return {
    take: (tenant, sourceCode) => {
      if (perSecond === 0) return true;
      const key = `${tenant}|${sourceCode}`;
      const at = now();
      const bucket = buckets.get(key) ?? { tokens: burst, filledAt: at };
      buckets.set(key, bucket);
      bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.filledAt) / 1_000) * perSecond);
      bucket.filledAt = at;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}
