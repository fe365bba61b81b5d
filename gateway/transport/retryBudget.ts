/**
 * Keeps repeated requests a share of the traffic: a subgraph that fails under its load must not get three times the load.
 * Each call earns a part of a repetition, each repetition spends one.
 */
export type RetryBudget = {
  readonly earn: () => void;
  readonly spend: () => boolean;
};

/** What a quiet or a new endpoint may spend before it has earned anything. */
const reserve = 10;

export function createRetryBudget(share: number): RetryBudget {
  let saved = share > 0 ? reserve : 0;
  return {
    earn: () => {
      saved = Math.min(reserve, saved + share);
    },
    spend: () => {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
