/**
 * Signals as fusion counts them: weighed, and those of one origin once. Two reports of one article are one piece of
 * evidence; counted twice they would feign independence, which every pooling rule supposes.
 */
import type { Domain } from "../fusionContributions.ts";
import { type Reliability, weighReliability } from "./admiralty.ts";
import { decayConfidence, type LastHeard } from "./decayConfidence.ts";

export type FusionSignal = {
  readonly id: string;
  readonly domain: Domain;
  /** 0 to 1. */
  readonly severity: number;
  /** How believable it is, 0 to 1; `weighCredibility` makes it of a grade. */
  readonly confidence: number;
  /** Of its source. */
  readonly reliability: Reliability;
  /** What it was taken from: signals of one domain and one origin are copies of each other. */
  readonly origin: string;
  readonly observedAt: Date;
};

export type CountedSignal = FusionSignal & {
  /** reliability × credibility × recency, 0 to 1. */
  readonly weight: number;
  /** Ids of the signals of the same origin that were not counted, sorted. */
  readonly copies: readonly string[];
};

/**
 * Of each origin the signal that weighs most speaks for all, whatever their order: a copy can add trust, never
 * evidence. Signals that weigh nothing are left out.
 */
export function countOnce(signals: readonly FusionSignal[], lastHeard: LastHeard): readonly CountedSignal[] {
  const groups = new Map<string, CountedSignal[]>();
  for (const signal of signals) {
    const weight = weigh(signal, lastHeard);
    if (weight === 0) continue;
    const key = `${signal.domain}|${signal.origin}`;
    const group = groups.get(key);
    if (group) group.push({ ...signal, weight, copies: [] });
    else groups.set(key, [{ ...signal, weight, copies: [] }]);
  }
  return [...groups.values()].flatMap(toOne).sort(byWeight);
}

function weigh(signal: FusionSignal, lastHeard: LastHeard): number {
  const { domain, observedAt, reliability, confidence } = signal;
  const recency = decayConfidence(domain, observedAt, lastHeard.get(domain) ?? observedAt);
  return weighReliability(reliability) * confidence * recency;
}

function toOne(group: readonly CountedSignal[]): readonly CountedSignal[] {
  const [heaviest, ...others] = [...group].sort(byWeight);
  return heaviest ? [{ ...heaviest, copies: others.map(({ id }) => id).sort() }] : [];
}

/** Heaviest first; of equals the worse, then the lower id, so that the order of the input never matters. */
function byWeight(a: CountedSignal, b: CountedSignal): number {
  return b.weight - a.weight || b.severity - a.severity || (a.id < b.id ? -1 : 1);
}
