/**
 * The least that would change a level of risk: evidence that falls away, or a domain that is missing and arrives.
 * "Least" for evidence is the fewest origins: the lightest one that suffices alone, otherwise the heaviest taken away
 * one after the other until the level moves. The latter is greedy, so a smaller set may exist where signals of one
 * domain contradict each other.
 */
import { type Domain, domains } from "../fusionContributions.ts";
import type { RiskLevel } from "../riskLevel.ts";
import type { CountedSignal } from "./countOnce.ts";
import { base } from "./domainOptions.ts";

export type Counterfactual = {
  /** Null when nothing that could be taken away moves the level. */
  readonly removal: {
    /** With the copies of each, which would stand in for it. */
    readonly signalIds: readonly string[];
    /** Null when no evidence would be left. */
    readonly level: RiskLevel | null;
  } | null;
  /** Null when no domain is missing, or none could move the level with one signal. */
  readonly arrival: {
    readonly domain: Domain;
    /** Of one signal that is new, certain and of a reliable source. */
    readonly severity: number;
    readonly level: RiskLevel;
  } | null;
};

/** Null when there is no evidence. */
type FindLevel = (signals: readonly CountedSignal[]) => RiskLevel | null;

/** More are not tried: who must lose 50 origins to change level stands firm. */
const originsMax = 50;

/** Nearest to the base rate first, since that takes the least. */
const severities = Array.from({ length: 11 }, (_, tenths) => tenths / 10).sort(
  (a, b) => Math.abs(a - base.rate) - Math.abs(b - base.rate) || a - b,
);

export function findCounterfactual(signals: readonly CountedSignal[], findLevel: FindLevel): Counterfactual {
  const level = findLevel(signals);
  return { removal: findRemoval(signals, level, findLevel), arrival: findArrival(signals, level, findLevel) };
}

/** `signals` come heaviest first, as countOnce gives them. */
function findRemoval(
  signals: readonly CountedSignal[],
  level: RiskLevel | null,
  findLevel: FindLevel,
): Counterfactual["removal"] {
  const heaviest = signals.slice(0, originsMax);
  const single = heaviest.findLast(
    (removed) => findLevel(signals.filter((one) => one !== removed)) !== level,
  );
  const count = single
    ? 1
    : heaviest.findIndex((_, index) => findLevel(signals.slice(index + 1)) !== level) + 1;
  if (count === 0) return null;
  const removed = single ? [single] : signals.slice(0, count);
  return {
    signalIds: removed.flatMap(({ id, copies }) => [id, ...copies]),
    level: findLevel(signals.filter((one) => !removed.includes(one))),
  };
}

function findArrival(
  signals: readonly CountedSignal[],
  level: RiskLevel | null,
  findLevel: FindLevel,
): Counterfactual["arrival"] {
  const missing = domains.filter((domain) => !signals.some((signal) => signal.domain === domain));
  for (const severity of severities) {
    for (const domain of missing) {
      const arrived = findLevel([...signals, imagine(domain, severity)]);
      if (arrived !== null && arrived !== level) return { domain, severity, level: arrived };
    }
  }
  return null;
}

function imagine(domain: Domain, severity: number): CountedSignal {
  return {
    id: `imagined-${domain}`,
    domain,
    severity,
    confidence: 1,
    reliability: "A",
    origin: "imagined",
    observedAt: new Date(0),
    weight: 1,
    copies: [],
  };
}
