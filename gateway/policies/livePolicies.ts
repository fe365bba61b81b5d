/** The policies in force, for those who ask: the same object while the bundle behind it is swapped. */
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";

export type LivePolicies = {
  /** Whatever is asked, and whatever is read of it, at one moment comes from one bundle. */
  readonly bundle: PolicyBundle;
  readonly current: () => PolicyBundle;
  /** From now on, all that is asked is asked of `next`. */
  readonly swap: (next: PolicyBundle) => void;
  /** Returns how to be told no more. */
  readonly onSwapped: (listener: () => void) => () => void;
};

export function createLivePolicies(first: PolicyBundle): LivePolicies {
  let current = first;
  const listeners = new Set<() => void>();
  return {
    current: () => current,
    bundle: {
      get digest() {
        return current.digest;
      },
      get revision() {
        return current.revision;
      },
      get packed() {
        return current.packed;
      },
      decideFields: (question) => current.decideFields(question),
    },
    swap: (next) => {
      current = next;
      for (const listener of listeners) listener();
    },
    onSwapped: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
