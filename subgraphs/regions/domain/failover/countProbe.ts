/** What one region has seen of another: how its last probes went. */
export type Sighting = {
  readonly witness: string;
  readonly target: string;
  /** Probes in a row that failed, ending with the last; 0 when that succeeded. */
  readonly misses: number;
  /** Probes in a row that succeeded, ending with the last. */
  readonly goods: number;
  /** Of the last probe; null when it failed. */
  readonly latencyMs: number | null;
  /** Why the last probe failed, for people. */
  readonly failure: string | null;
  readonly probedAt: Date;
};

export type ProbeOutcome =
  | { readonly kind: "good"; readonly latencyMs: number }
  | { readonly kind: "missed"; readonly failure: string };

/** Rows in a row begin anew when a witness was away itself: what it did not see it cannot count. */
export function countProbe(
  who: { readonly witness: string; readonly target: string },
  last: Sighting | undefined,
  outcome: ProbeOutcome,
  now: Date,
  sightingLastsMs: number,
): Sighting {
  const isUnbroken = last !== undefined && now.getTime() - last.probedAt.getTime() <= sightingLastsMs;
  const before = isUnbroken ? last : { misses: 0, goods: 0 };
  return outcome.kind === "good"
    ? {
        ...who,
        misses: 0,
        goods: before.goods + 1,
        latencyMs: outcome.latencyMs,
        failure: null,
        probedAt: now,
      }
    : {
        ...who,
        misses: before.misses + 1,
        goods: 0,
        latencyMs: null,
        failure: outcome.failure,
        probedAt: now,
      };
}
