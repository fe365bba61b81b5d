/**
 * Whether a learner has become better than the version that it started from: McNemar's test (1947) on the samples on which
 * one of them alone was right. Both have seen each sample for the first time then, so neither is favoured.
 */
export type Comparison = {
  /** Learner right, version wrong. */
  readonly gained: number;
  /** Learner wrong, version right. */
  readonly lost: number;
};

export const noComparison: Comparison = { gained: 0, lost: 0 };

/** Two-sided 1 %, on at least so many differences that the normal approximation holds. */
const significant = 2.576;
const differencesMin = 25;

export function compareNext(
  { gained, lost }: Comparison,
  isLearnerRight: boolean,
  isVersionRight: boolean,
): Comparison {
  if (isLearnerRight === isVersionRight) return { gained, lost };
  return isLearnerRight ? { gained: gained + 1, lost } : { gained, lost: lost + 1 };
}

export function isBetter({ gained, lost }: Comparison): boolean {
  const differences = gained + lost;
  return differences >= differencesMin && (gained - lost) / Math.sqrt(differences) > significant;
}
