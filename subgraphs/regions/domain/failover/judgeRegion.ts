/**
 * Whether a region takes traffic, judged by the primary from what others saw of it and what operators ordered:
 *
 *   SERVING ──drain──▶ DRAINING        SERVING, DRAINING ──two witnesses miss it, or fail over──▶ DOWN
 *   DOWN ──seen again, or rejoin──▶ RETURNING ──seen often enough, caught up, repaired──▶ SERVING
 *
 * What an operator took out comes back by an operator's word alone.
 */
import type { FailoverClock } from "./clock.ts";
import type { Sighting } from "./countProbe.ts";

export type RegionStatus = "SERVING" | "DRAINING" | "DOWN" | "RETURNING";

export type RegionState = {
  readonly status: RegionStatus;
  /** Null for a region that has never served since Atlas was set up. */
  readonly since: Date | null;
  /** True while an operator's word keeps it out. */
  readonly isHeld: boolean;
  /** The last order that was obeyed. */
  readonly orderId: string | null;
};

export type OrderKind = "DRAIN" | "FAIL_OVER" | "REJOIN";

export type RegionOrder = { readonly id: string; readonly kind: OrderKind; readonly reason: string };

export type FailoverKind = "DRAINED" | "FAILED_OVER" | "REJOINED";

export type Evidence = {
  /** Of this region, by all others. */
  readonly sightings: readonly Sighting[];
  /** The newest order for this region. */
  readonly order: RegionOrder | undefined;
  /** When the region last fetched what it lacked from its peers. */
  readonly repairedAt: Date | undefined;
  /** Nothing on the links to and from it is late. */
  readonly isCaughtUp: boolean;
  readonly now: Date;
};

export type Judgement = {
  readonly state: RegionState;
  /** What is to be put on record; null where the change is a step on the way. */
  readonly event: { readonly kind: FailoverKind; readonly reason: string } | null;
};

const witnessesNeeded = 2;

/** Null when everything stays as it is. */
export function judgeRegion(
  state: RegionState,
  evidence: Evidence,
  clock: Pick<FailoverClock, "missesUntilDown" | "goodsUntilServing" | "sightingLastsMs">,
): Judgement | null {
  const { order } = evidence;
  if (order !== undefined && order.id !== state.orderId) return obey(state, order, evidence.now);
  const missed = countWitnesses(evidence, clock, ({ misses }) => misses >= clock.missesUntilDown);
  const isOut = state.status === "DOWN";
  if (!isOut && missed >= witnessesNeeded) {
    const reason = `${missed} regions have not reached it in ${clock.missesUntilDown} probes`;
    // One that was coming back is still out by the event that took it out.
    const event = state.status === "RETURNING" ? null : ({ kind: "FAILED_OVER", reason } as const);
    return { state: { ...state, status: "DOWN", since: evidence.now }, event };
  }
  if (isOut && !state.isHeld && isSeenAgain(evidence, clock)) {
    if (state.since === null) return serve(state, evidence.now, "seen for the first time");
    return { state: { ...state, status: "RETURNING", since: evidence.now }, event: null };
  }
  if (state.status === "RETURNING" && isFitToServe(state, evidence, clock)) {
    const reason = `seen in ${clock.goodsUntilServing} probes by ${witnessesNeeded} regions, repaired and caught up`;
    return serve(state, evidence.now, reason);
  }
  return null;
}

function obey(state: RegionState, order: RegionOrder, now: Date): Judgement {
  const { kind, reason } = order;
  const to = (status: RegionStatus, isHeld: boolean): RegionState => ({
    status,
    since: now,
    isHeld,
    orderId: order.id,
  });
  switch (kind) {
    case "DRAIN":
      // What is down has nothing to finish, and is held there now.
      return state.status === "DOWN"
        ? { state: { ...state, isHeld: true, orderId: order.id }, event: null }
        : { state: to("DRAINING", true), event: { kind: "DRAINED", reason } };
    case "FAIL_OVER":
      return { state: to("DOWN", true), event: { kind: "FAILED_OVER", reason } };
    case "REJOIN":
      return state.status === "SERVING"
        ? { state: { ...state, orderId: order.id }, event: null }
        : { state: to("RETURNING", false), event: null };
  }
}

function serve(state: RegionState, now: Date, reason: string): Judgement {
  return {
    state: { ...state, status: "SERVING", since: now, isHeld: false },
    event: { kind: "REJOINED", reason },
  };
}

function isSeenAgain(evidence: Evidence, clock: Pick<FailoverClock, "sightingLastsMs">): boolean {
  return countWitnesses(evidence, clock, ({ goods }) => goods > 0) >= witnessesNeeded;
}

function isFitToServe(
  { since }: RegionState,
  evidence: Evidence,
  clock: Pick<FailoverClock, "goodsUntilServing" | "sightingLastsMs">,
): boolean {
  const seen = countWitnesses(evidence, clock, ({ goods }) => goods >= clock.goodsUntilServing);
  const isRepaired = since === null || (evidence.repairedAt !== undefined && evidence.repairedAt > since);
  return seen >= witnessesNeeded && isRepaired && evidence.isCaughtUp;
}

function countWitnesses(
  { sightings, now }: Evidence,
  { sightingLastsMs }: Pick<FailoverClock, "sightingLastsMs">,
  says: (sighting: Sighting) => boolean,
): number {
  return sightings.filter(
    (sighting) => now.getTime() - sighting.probedAt.getTime() <= sightingLastsMs && says(sighting),
  ).length;
}
