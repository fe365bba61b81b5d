/**
 * Which region runs what may run only once: schedulers, coordinators, the judge of the others. A region claims a term and
 * holds it while a majority has voted for it; a vote binds its voter for `leaseMs` by the voter's own clock, and the
 * claimant counts from the moment before it asked, so no two hold at the same time unless a clock jumps. Work of a holder
 * carries the term and is refused where a higher one is known (replication.assert_primary). After Lamport's leases in
 * Chubby (Burrows 2006, §2.4) with the terms of Raft (Ongaro 2014, §3.4).
 *
 * Claims and votes are rows that each region writes for itself alone and that replicate: who cannot replicate cannot lead.
 */
import type { FailoverClock } from "./clock.ts";

export type Claim = {
  readonly region: string;
  readonly term: number;
  /** By the claimant's clock. */
  readonly claimedAt: Date;
  /** When the claimant stops by itself unless it renews; also by its clock. */
  readonly heldUntil: Date;
  /** Given back before its time: voters are free at once. */
  readonly isReleased: boolean;
};

export type Vote = {
  readonly voter: string;
  readonly term: number;
  readonly votedFor: string;
  /** Of the claim that was voted for. */
  readonly claimedAt: Date;
  readonly heldUntil: Date;
  /** The voter votes for nobody else until then, by its own clock. */
  readonly promisedUntil: Date;
};

export type LeaseView = {
  readonly me: string;
  /** Codes of all regions, in the order in which they step forward. */
  readonly regions: readonly string[];
  readonly claims: readonly Claim[];
  readonly votes: readonly Vote[];
  /** When this region's disk began its life: of votes before, it remembers nothing. */
  readonly joinedAt: Date;
  readonly now: Date;
};

type LeaseClock = Pick<FailoverClock, "leaseMs" | "driftMs" | "renewEveryMs">;

/** A new claim, or the next of the one that is held; null when there is nothing to claim. */
export function decideClaim(view: LeaseView, isEligible: boolean, clock: LeaseClock): Claim | null {
  const { me, now, claims } = view;
  const mine = claims.find(({ region }) => region === me);
  const isPending = mine !== undefined && !mine.isReleased && now < mine.heldUntil;
  if (isPending && !isEligible) return { ...mine, claimedAt: now, isReleased: true };
  if (isPending) {
    const isDue = now.getTime() - mine.claimedAt.getTime() >= clock.renewEveryMs;
    return isDue && findPrimary(view)?.region === me ? claim(me, mine.term, now, clock) : null;
  }
  if (!isEligible || findPrimary(view) !== null || now.getTime() < stepsForwardAt(view, clock)) return null;
  const terms = [...claims, ...view.votes].map(({ term }) => term);
  return claim(me, 1 + Math.max(0, ...terms), now, clock);
}

/** This region's vote, or its renewal; null when it stays as it is. */
export function castVote(view: LeaseView, clock: LeaseClock): Vote | null {
  const { me, claims, votes, now, joinedAt } = view;
  if (now.getTime() < joinedAt.getTime() + clock.leaseMs) return null;
  const mine = votes.find(({ voter }) => voter === me);
  const isFree =
    mine === undefined ||
    now >= mine.promisedUntil ||
    claims.some((one) => one.isReleased && isFor(mine, one));
  const open = claims
    .filter((one) => !one.isReleased && now.getTime() - one.claimedAt.getTime() < clock.leaseMs)
    .filter((one) =>
      mine !== undefined && isFor(mine, one)
        ? one.claimedAt > mine.claimedAt
        : isFree && one.term > (mine?.term ?? 0),
    )
    .sort((a, b) => b.term - a.term || a.claimedAt.getTime() - b.claimedAt.getTime());
  const [chosen] = open;
  if (chosen === undefined) return null;
  return {
    voter: me,
    term: chosen.term,
    votedFor: chosen.region,
    claimedAt: chosen.claimedAt,
    heldUntil: chosen.heldUntil,
    promisedUntil: new Date(now.getTime() + clock.leaseMs),
  };
}

export type Primary = { readonly region: string; readonly term: number; readonly heldUntil: Date };

/**
 * Who holds a term by a majority, and until when by its own clock; null when nobody does now. Every voter has one vote, so
 * there is one at most; a region that is cut off may raise its own term and disturbs nobody.
 */
export function findPrimary({
  regions,
  votes,
  claims,
  now,
}: Omit<LeaseView, "me" | "joinedAt">): Primary | null {
  const given = claims.filter(({ region, isReleased }) => !isReleased && regions.includes(region));
  for (const { region, term } of given) {
    const held = votes
      .filter((vote) => vote.term === term && vote.votedFor === region)
      .map(({ heldUntil }) => heldUntil)
      .sort((a, b) => b.getTime() - a.getTime());
    // As long as the last of the majority allows.
    const heldUntil = held[Math.floor(regions.length / 2)];
    if (heldUntil !== undefined && heldUntil > now) return { region, term, heldUntil };
  }
  return null;
}

function claim(region: string, term: number, now: Date, { leaseMs, driftMs }: LeaseClock): Claim {
  const heldUntil = new Date(now.getTime() + leaseMs - driftMs);
  return { region, term, claimedAt: now, heldUntil, isReleased: false };
}

/** One after the other, so that the votes are not split: its place in the list times the pause between renewals. */
function stepsForwardAt({ me, regions, claims, votes, joinedAt }: LeaseView, clock: LeaseClock): number {
  const mine = votes.find(({ voter }) => voter === me);
  const givenBack = mine && claims.find((one) => one.isReleased && isFor(mine, one));
  const freeAt = givenBack?.claimedAt.getTime() ?? mine?.promisedUntil.getTime() ?? 0;
  const begunAt = Math.max(freeAt, joinedAt.getTime() + clock.leaseMs);
  const own = claims.find(({ region }) => region === me);
  // Who has just failed to get a term lets the others try first.
  const lapsedAt = own === undefined || own.isReleased ? 0 : own.heldUntil.getTime();
  return Math.max(begunAt, lapsedAt) + Math.max(0, regions.indexOf(me)) * clock.renewEveryMs;
}

function isFor(vote: Vote, { region, term }: Claim): boolean {
  return vote.votedFor === region && vote.term === term;
}
