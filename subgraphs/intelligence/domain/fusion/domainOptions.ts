/** What each domain counts, how fast its news ages, and what is supposed where nothing is known. */
import type { Domain } from "../fusionContributions.ts";

type DomainOptions = {
  /** Judged, not measured. The weights of all domains add up to 1. */
  readonly weight: number;
  readonly halfLifeDays: number;
};

/**
 * Half-lives are judged by how long what is reported lasts, and are the first thing to fit once there are outcomes
 * (measureCalibration.ts). That indicators of one kind age alike, and each kind otherwise, is the finding of
 * Mokaddem et al. 2019 (https://arxiv.org/abs/1902.03914); exponential ages are its case δ = 1 without an end.
 */
export const domainOptions: Readonly<Record<Domain, DomainOptions>> = {
  /** A month: the horizon of the assessments. Crises outlive a news cycle; half of one is still felt a month later. */
  GEOPOLITICAL: { weight: 0.3, halfLifeDays: 30 },
  /** A quarter: the beat of national accounts, after which a newer figure replaces the old. */
  ECONOMIC: { weight: 0.2, halfLifeDays: 90 },
  /** Half a year: exploited weaknesses stay open in estates for months after their fix. */
  CYBER: { weight: 0.2, halfLifeDays: 180 },
  /** Two months: outages end in days, damage to plants is mended over seasons; between the two. */
  INFRASTRUCTURE: { weight: 0.2, halfLifeDays: 60 },
  /** A week: what media speak of today is mostly gone with the next week's news. */
  SOCIAL: { weight: 0.1, halfLifeDays: 7 },
};

/** What is supposed of a place of which nothing is known, worth as much as one fresh signal that is sure. */
export const base = { rate: 0.1, evidence: 1 } as const;

/** Less than this is as good as nothing: the domain is missing. */
export const evidenceMin = 0.01;
