/** Consent: versions are kept for ever, a refusal wins over any consent, whichever came later. */
import type { Residency } from "../../shared/ids.ts";

export type ConsentDecision = "GRANTED" | "REFUSED" | "WITHDRAWN";

export type ConsentVersion = {
  readonly purpose: string;
  readonly decision: string;
  readonly version: number;
};

export type NewConsent = {
  readonly id: string;
  readonly tenant: string;
  readonly residency: Residency | string;
  readonly subjectId: string;
  readonly purpose: string;
  readonly decision: ConsentDecision;
  readonly version: number;
  readonly recordedBy: string;
};

/** The version that follows those of the same purpose; counts from 1. */
export function nextConsentVersion(consents: readonly ConsentVersion[], purpose: string): number {
  return (
    1 +
    Math.max(0, ...consents.filter((consent) => consent.purpose === purpose).map(({ version }) => version))
  );
}

/**
 * Whether a person's data may be used for a purpose. Deny wins: a refusal bars the purpose until the refusal itself
 * is withdrawn, even when a consent was recorded after it (two regions may record at the same time, and the later
 * clock must not open what the other closed).
 */
export function isConsentLive(consents: readonly ConsentVersion[], purpose: string): boolean {
  const ordered = consents
    .filter((consent) => consent.purpose === purpose)
    .sort((a, b) => a.version - b.version || strictness(a) - strictness(b));
  const sinceWithdrawal = ordered.slice(
    ordered.findLastIndex(({ decision }) => decision === "WITHDRAWN") + 1,
  );
  return (
    sinceWithdrawal.some(({ decision }) => decision === "GRANTED") &&
    !sinceWithdrawal.some(({ decision }) => decision === "REFUSED")
  );
}

/** Two regions may have given one version to two decisions: the stricter is then taken for the later. */
function strictness({ decision }: ConsentVersion): number {
  return ["GRANTED", "WITHDRAWN", "REFUSED"].indexOf(decision);
}
