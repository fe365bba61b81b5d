/**
 * What a grade of the Admiralty scale (NATO AJP-2.1) weighs: A–F says how far a source is to be trusted, 1–6 how
 * believable one piece of its information is.
 */
export const reliabilities = ["A", "B", "C", "D", "E", "F"] as const;
export type Reliability = (typeof reliabilities)[number];

export type Credibility = 1 | 2 | 3 | 4 | 5 | 6;

/**
 * A judgement, since AJP-2.1 gives words and no numbers: equal steps from reliable to unreliable. E, a source with a
 * history of false information, weighs nothing; F, of which nothing is known, neither helps nor harms: the middle.
 */
const reliabilityWeights: Readonly<Record<Reliability, number>> = {
  A: 1,
  B: 0.75,
  C: 0.5,
  D: 0.25,
  E: 0,
  F: 0.5,
};

/**
 * As STIX 2.1 maps the scale to its confidence (Appendix A, "Admiralty Credibility"); it gives no number to 6, truth
 * that cannot be judged, which gets the middle for the reason that F does.
 */
const credibilityWeights: Readonly<Record<Credibility, number>> = {
  1: 0.9,
  2: 0.7,
  3: 0.5,
  4: 0.3,
  5: 0.1,
  6: 0.5,
};

/** 0 to 1. */
export function weighReliability(grade: Reliability): number {
  return reliabilityWeights[grade];
}

/** 0 to 1: the confidence of a signal whose source grades its information and gives no number. */
export function weighCredibility(grade: Credibility): number {
  return credibilityWeights[grade];
}
