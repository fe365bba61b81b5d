/**
 * Decisions that wait to be put on record, so many at most. The last tenth is for those that the policy may not sample
 * away: a flood of allows cannot keep a denial out of the record.
 */
import type { Decision } from "../../policies/runtime/decision.ts";

export type LostDecisions = { readonly allowed: number; readonly others: number };

export type DecisionQueue = {
  readonly add: (decisions: readonly Decision[]) => void;
  /** The oldest, so many at most, and no more characters of input than that unless it is one. */
  readonly take: (count: number, charactersMax: number) => readonly Decision[];
  /** What did not fit since this was last called. */
  readonly takeLost: () => LostDecisions;
  readonly length: () => number;
  /** Nothing fits any more. */
  readonly isFull: () => boolean;
};

const reservedShare = 0.1;

export function createDecisionQueue(lengthMax: number): DecisionQueue {
  const forAllows = Math.floor(lengthMax * (1 - reservedShare));
  let waiting: Decision[] = [];
  let lost = { allowed: 0, others: 0 };
  return {
    add: (decisions) => {
      for (const decision of decisions) {
        const mayBeLost = decision.outcome === "allowed" && !decision.crossesJurisdiction;
        if (waiting.length < (mayBeLost ? forAllows : lengthMax)) waiting.push(decision);
        else if (mayBeLost) lost.allowed += 1;
        else lost.others += 1;
      }
    },
    take: (count, charactersMax) => {
      let end = 0;
      let characters = 0;
      while (end < Math.min(count, waiting.length)) {
        characters += waiting[end]?.asked.input.length ?? 0;
        if (characters > charactersMax && end > 0) break;
        end += 1;
      }
      const taken = waiting.slice(0, end);
      waiting = waiting.slice(end);
      return taken;
    },
    takeLost: () => {
      const taken = lost;
      lost = { allowed: 0, others: 0 };
      return taken;
    },
    length: () => waiting.length,
    isFull: () => waiting.length >= lengthMax,
  };
}
