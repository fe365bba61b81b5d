/** Decisions as the gateway's stages tell them, about an operation that a test makes up. */
import { createHash, randomUUID } from "node:crypto";
import type { Decision } from "../../policies/runtime/decision.ts";
import type { PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";

/** `shared` is what decisions of equal facts share; give the same object again for one that is reused. */
export function makeDecision(
  bundle: PolicyBundle,
  changes: Partial<Decision> & { readonly input?: string } = {},
): Decision {
  const { input = '{"caller":{"kind":"identified","subject":"test-analyst"}}', ...rest } = changes;
  return {
    id: randomUUID(),
    sequence: 0,
    question: "fields",
    outcome: "allowed",
    verdicts: allowed,
    bundle,
    asked: { entrypoint: "atlas/fields/decisions", input },
    inputHash: createHash("sha256").update(input).digest("hex"),
    reused: false,
    crossesJurisdiction: false,
    caller: { subject: "test-analyst", tenant: "acme", region: "us-east" },
    operation: { id: randomUUID(), kind: "query", name: "FirstLook" },
    decidedAt: Date.now(),
    latencyMs: 0.25,
    ...rest,
  };
}

export const allowed: Decision["verdicts"] = [
  { coordinate: "Query.country", outcome: "allow", reason: "ALLOWED", rule: "", count: 1, dryRun: [] },
];

export const denied: Decision["verdicts"] = [
  ...allowed,
  {
    coordinate: "Signal.source",
    outcome: "deny",
    reason: "POLICY_NOT_SATISFIED",
    rule: "access.labels",
    count: 1,
    dryRun: [],
  },
];
