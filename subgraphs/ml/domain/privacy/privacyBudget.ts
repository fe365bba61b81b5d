/** The hard stop: whether a group of data subjects may be trained on once more. */
import { type Epsilon, epsilonOf, type Mechanism } from "./rdpAccountant.ts";

export type PrivacyBudget = {
  /** What may be spent in all, ever. */
  readonly epsilon: number;
  readonly delta: number;
};

export type Spending = {
  readonly isWithin: boolean;
  /** Spent so far. */
  readonly before: Epsilon;
  /** Spent once the proposed stretch is added. */
  readonly after: Epsilon;
};

/**
 * Judges before anything is trained. Entries that are reserved count as spent: a trainer that died may have sent its
 * update already.
 */
export function judgeSpending(
  ledger: readonly Mechanism[],
  proposed: Mechanism,
  { epsilon, delta }: PrivacyBudget,
): Spending {
  const after = epsilonOf([...ledger, proposed], delta);
  return { isWithin: after.epsilon <= epsilon, before: epsilonOf(ledger, delta), after };
}
