/**
 * Every duration that fail-over rests on, in one table. The worst case of losing a region is the sum of `failoverSteps`; a
 * test holds it below the promise, another walks through the steps on real databases by a clock of its own.
 */
export const failoverClock = {
  /** How often a region looks at each of the others. */
  probeEveryMs: 30_000,
  /** A probe that takes longer has failed. */
  probeTimeoutMs: 5_000,
  /** Probes in a row that must fail, seen by two witnesses, before a region counts as down. */
  missesUntilDown: 3,
  /** Probes in a row that must succeed, seen by two witnesses, before it serves again: a region must not flap. */
  goodsUntilServing: 3,
  /** A witness that has not looked for so long tells nothing: it may be down itself, or cut off. */
  sightingLastsMs: 75_000,
  /** How long a vote for a primary binds the voter. */
  leaseMs: 30_000,
  /** A primary that could not renew gives up so much before its voters are free: clocks run at slightly different speeds. */
  driftMs: 2_000,
  /** How often a primary renews its lease. */
  renewEveryMs: 10_000,
  /** How often each region looks at what the others wrote. */
  lookEveryMs: 1_000,
  /** Lag of replication above which a region is behind; what witnesses see travels with it. */
  lagMsMax: 5_000,
  /** How long clients may keep an answer of the router. */
  answerLastsMs: 60_000,
  /** Until those who come over are served as fast as those who were there: connections, plans, caches. */
  warmUpMs: 30_000,
} as const;

export type FailoverClock = { readonly [Name in keyof typeof failoverClock]: number };

export const failoverPromiseMs = 300_000;

/** What passes between the death of a region and the last of its clients being served elsewhere, each at its worst. */
export function failoverSteps(
  clock: FailoverClock,
): readonly { readonly step: string; readonly ms: number }[] {
  return [
    {
      step: "it dies right after a probe, and the probes of both witnesses must fail",
      ms: clock.probeEveryMs * clock.missesUntilDown + clock.probeTimeoutMs,
    },
    { step: "what the second witness saw reaches the primary", ms: clock.lagMsMax },
    // A primary that died is replaced while witnesses still count: renewals stop at its death.
    {
      step: "the primary itself was lost, and another takes its place, beyond the time of the probes",
      ms: Math.max(0, clock.leaseMs + 3 * clock.renewEveryMs - clock.probeEveryMs * clock.missesUntilDown),
    },
    { step: "the primary looks, and its word reaches the routers", ms: clock.lookEveryMs + clock.lagMsMax },
    { step: "routers ask the regions", ms: clock.renewEveryMs },
    { step: "clients still have the old answer of a router", ms: clock.answerLastsMs },
    { step: "those who came over are served as fast as others", ms: clock.warmUpMs },
  ];
}
