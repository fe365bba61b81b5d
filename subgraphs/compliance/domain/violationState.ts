/**
 * What may be done with a violation in which state. Scans resolve, people waive and remediate. Waiving accepts a
 * violation for a time; it never makes the check pass (domain/passRate.ts knows nothing of waivers).
 */

export type ViolationStatus = "OPEN" | "IN_REMEDIATION" | "WAIVED" | "RESOLVED";
export type ViolationAction = "waive" | "startRemediation";
/** As stored; `status` is one of ViolationStatus by constraint. */
export type ViolationState = { readonly status: string; readonly waivedUntil: Date | null };

const transitions: Readonly<Record<ViolationStatus, Partial<Record<ViolationAction, ViolationStatus>>>> = {
  OPEN: { waive: "WAIVED", startRemediation: "IN_REMEDIATION" },
  // Several things may be done about one violation, and one that takes long may be accepted meanwhile.
  IN_REMEDIATION: { waive: "WAIVED", startRemediation: "IN_REMEDIATION" },
  // A second waiver would silently replace the reason of the first: it has to run out.
  WAIVED: { startRemediation: "IN_REMEDIATION" },
  RESOLVED: {},
};

/** The state that holds now: a waiver that ran out leaves the violation open. */
export function currentStatus({ status, waivedUntil }: ViolationState, now: Date): ViolationStatus {
  if (!isViolationStatus(status)) {
    throw new Error(`a violation has status ${JSON.stringify(status)}, which no constraint allows`);
  }
  return status === "WAIVED" && (waivedUntil === null || waivedUntil <= now) ? "OPEN" : status;
}

/** The state that follows, or null when the state that holds now does not allow the action. */
export function nextStatus(
  state: ViolationState,
  action: ViolationAction,
  now: Date,
): ViolationStatus | null {
  return transitions[currentStatus(state, now)][action] ?? null;
}

/** Why a violation in this state cannot be changed so; for people. */
export function explainWrongState(state: ViolationState, action: ViolationAction, now: Date): string {
  const allowed = Object.entries(transitions).flatMap(([status, next]) => (action in next ? [status] : []));
  return `expected a violation that is ${allowed.join(" or ")}; got one that is ${currentStatus(state, now)}`;
}

/** Null when a waiver may last until then, otherwise what was expected and what came. */
export function refuseExpiry(expiresAt: Date, now: Date): string | null {
  if (expiresAt > now) return null;
  return `expected \`expiresAt\` in the future; got ${expiresAt.toISOString()}`;
}

function isViolationStatus(status: string): status is ViolationStatus {
  return Object.hasOwn(transitions, status);
}
