/** What a gateway under test says of its policies, and how to wait until it has taken over others. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SignedPolicies } from "./signPolicies.ts";

export type PoliciesHealth = {
  readonly revision: string;
  readonly digest: string;
  readonly problem?: { readonly since: string; readonly text: string };
};

export type PoliciesWatch = {
  readonly health: () => Promise<PoliciesHealth>;
  /** Several times what a busy machine takes: bundles are read on threads of their own. */
  readonly waitFor: (holds: (health: PoliciesHealth) => boolean) => Promise<PoliciesHealth>;
  /** Releases a bundle with the next revision, and waits until it is in force. */
  readonly swap: (policies: SignedPolicies, built: Uint8Array) => Promise<void>;
  readonly nextRevision: () => string;
};

const patienceMs = 100_000;

/** `url` of the gateway, without a path. */
export function watchPolicies(url: string): PoliciesWatch {
  let minute = 0;
  const nextRevision = () => {
    minute += 1;
    return new Date(Date.UTC(2026, 1, 1, 0, minute)).toISOString();
  };
  const health = async () => {
    const answer = await fetch(`${url}/health/ready`);
    // `as`: what the health page answers.
    return ((await answer.json()) as { readonly policies: PoliciesHealth }).policies;
  };
  const waitFor: PoliciesWatch["waitFor"] = async (holds) => {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const now = await health();
      if (holds(now)) return now;
      if (performance.now() > deadline)
        throw new Error(`waited in vain, the gateway says ${JSON.stringify(now)}`);
      await sleep(25);
    }
  };
  return {
    health,
    waitFor,
    nextRevision,
    swap: async (policies, built) => {
      const revision = nextRevision();
      await policies.release(revision, built);
      await waitFor((now) => now.revision === revision);
    },
  };
}
