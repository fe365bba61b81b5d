/** The policies in force, for those who ask, while the bundle is swapped behind them. */
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";

export type LivePolicies = {
  /** Whoever asks more than once for one operation keeps what this answered first. */
  readonly current: () => PolicyBundle;
  /** Throws when `next` cannot decide about what is served now. */
  readonly assertFits: (next: PolicyBundle) => void;
  /** From now on, all that is asked is asked of `next`. */
  readonly swap: (next: PolicyBundle) => void;
  /** What throws when a bundle does not fit. */
  readonly onFitting: (check: (next: PolicyBundle) => void) => void;
  /** Returns how to be told no more. */
  readonly onSwapped: (listener: () => void) => () => void;
};

export function createLivePolicies(first: PolicyBundle): LivePolicies {
  let current = first;
  const listeners = new Set<() => void>();
  const checks = new Set<(next: PolicyBundle) => void>();
  return {
    current: () => current,
    assertFits: (next) => {
      for (const check of checks) check(next);
    },
    swap: (next) => {
      current = next;
      for (const listener of listeners) listener();
    },
    onFitting: (check) => void checks.add(check),
    onSwapped: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
