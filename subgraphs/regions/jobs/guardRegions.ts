/**
 * One region's part in watching all: it looks at the others (`probe`), votes for a primary and claims to be it, and while
 * it is, judges who takes traffic. Regions talk by rows that replicate and by nothing else; a region alone does nothing.
 * The rules are in domain/failover; every moment is by the database's clock.
 */
import type { Logger } from "pino";
import type { FailoverView } from "../db/failover.ts";
import type { Db } from "../db.ts";
import type { FailoverClock } from "../domain/failover/clock.ts";
import { countProbe, type ProbeOutcome } from "../domain/failover/countProbe.ts";
import { judgeRegion } from "../domain/failover/judgeRegion.ts";
import { castVote, decideClaim, findPrimary, type LeaseView } from "../domain/failover/primaryLease.ts";
import { judgeLink } from "../domain/judgeLink.ts";

export type GuardOptions = {
  readonly db: Pick<Db, "findFailoverView" | "writeSighting" | "writeClaim" | "writeVote" | "judge">;
  /** Base URLs of the gateways of the regions that are to be looked at. */
  readonly gateways: ReadonlyMap<string, string>;
  readonly probe: (gateway: string, timeoutMs: number) => Promise<ProbeOutcome>;
  readonly clock: FailoverClock;
  readonly log: Logger;
  /** What was known at the end of a look. */
  readonly onLooked?: (view: FailoverView) => void;
};

export type Guard = {
  /** Looks at every region whose turn it is. Both answer false where the database has not joined other regions. */
  readonly probe: () => Promise<boolean>;
  /** Votes, claims, judges. */
  readonly look: () => Promise<boolean>;
};

export function createGuard({ db, gateways, probe, clock, log, onLooked }: GuardOptions): Guard {
  return {
    probe: async () => {
      const view = await db.findFailoverView();
      if (view === null) return false;
      await Promise.all([...gateways].map(([target, gateway]) => probeOne(view, target, gateway)));
      return true;
    },
    look: async () => {
      let view = await db.findFailoverView();
      if (view === null) return false;
      const claim = decideClaim(toLeaseView(view), isEligible(view), clock);
      if (claim !== null) await db.writeClaim(claim);
      const claims =
        claim === null ? view.claims : [...view.claims.filter(({ region }) => region !== view?.me), claim];
      const vote = castVote(toLeaseView({ ...view, claims }), clock);
      if (vote !== null) await db.writeVote(vote);
      if (claim !== null || vote !== null) view = (await db.findFailoverView()) ?? view;
      const primary = findPrimary(toLeaseView(view));
      if (primary?.region === view.me && (await judgeAll(view, primary.term)))
        view = (await db.findFailoverView()) ?? view;
      onLooked?.(view);
      return true;
    },
  };

  async function probeOne(
    { me, now, sightings }: FailoverView,
    target: string,
    gateway: string,
  ): Promise<void> {
    const last = sightings.find((one) => one.witness === me && one.target === target);
    if (last !== undefined && now.getTime() - last.probedAt.getTime() < clock.probeEveryMs) return;
    const outcome = await probe(gateway, clock.probeTimeoutMs);
    await db.writeSighting(countProbe({ witness: me, target }, last, outcome, now, clock.sightingLastsMs));
  }

  /** True when somebody's status has changed. */
  async function judgeAll(view: FailoverView, term: number): Promise<boolean> {
    let hasChanged = false;
    for (const { code, ...state } of view.regions) {
      const judgement = judgeRegion(state, toEvidence(view, code), clock);
      if (judgement === null) continue;
      await db.judge(code, term, judgement, view.now);
      hasChanged = true;
      const fields = {
        region: code,
        from: state.status,
        to: judgement.state.status,
        term,
        event: judgement.event,
      };
      log.warn(fields, "a region's status has changed");
    }
    return hasChanged;
  }
}

function toLeaseView({ regions, ...view }: FailoverView): LeaseView {
  return { ...view, regions: regions.map(({ code }) => code) };
}

/** A region may lead while it serves; one that never served may too, or nobody would ever begin. */
function isEligible({ me, regions, orders }: FailoverView): boolean {
  const own = regions.find(({ code }) => code === me);
  if (own === undefined) return false;
  const order = orders.find(({ region }) => region === me);
  // Where operators took all regions out, somebody must obey when they let one back in.
  if (order?.kind === "REJOIN" && order.id !== own.orderId) return true;
  return !own.isHeld && (own.status === "SERVING" || own.status === "RETURNING" || own.since === null);
}

function toEvidence({ regions, sightings, orders, repairs, links, now }: FailoverView, region: string) {
  const out = new Set(regions.filter(({ status }) => status === "DOWN").map(({ code }) => code));
  const others = regions.map(({ code }) => code).filter((code) => code !== region && !out.has(code));
  const isFlowing = (from: string, to: string): boolean => {
    const link = links.find((one) => one.from === from && one.to === to);
    return judgeLink(link ?? null, now) === "STREAMING";
  };
  return {
    sightings: sightings.filter(({ target }) => target === region),
    order: orders.find((one) => one.region === region),
    repairedAt: repairs.find((one) => one.region === region)?.repairedAt,
    isCaughtUp: others.every((other) => isFlowing(other, region) && isFlowing(region, other)),
    now,
  };
}
