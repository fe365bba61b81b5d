import type { Domain } from "../fusionContributions.ts";
import { domainOptions } from "./domainOptions.ts";

const dayMs = 24 * 60 * 60_000;

/** When each domain was last heard of, from anywhere. */
export type LastHeard = ReadonlyMap<Domain, Date>;

/** 1 for the last that was heard of the domain, half for every half-life before it. */
export function decayConfidence(domain: Domain, observedAt: Date, lastHeard: Date): number {
  const ageDays = Math.max(0, lastHeard.getTime() - observedAt.getTime()) / dayMs;
  return 2 ** (-ageDays / domainOptions[domain].halfLifeDays);
}

/**
 * Signals age against the last that was heard of their domain, not against the clock: a feed that ends tells of its
 * last day, and what it is silent on since has not become calm. Capped at `now`, which no signal may move.
 */
export function findLastHeard(
  signals: readonly { readonly domain: Domain; readonly observedAt: Date }[],
  now: Date,
): LastHeard {
  const lastHeard = new Map<Domain, Date>();
  for (const { domain, observedAt } of signals) {
    const moment = observedAt < now ? observedAt : now;
    if (moment > (lastHeard.get(domain) ?? new Date(0))) lastHeard.set(domain, moment);
  }
  return lastHeard;
}
