/** A record that does not tell everything is a violation of its own: whoever answers for a tenant's data reads it there. */
import { createHash } from "node:crypto";
import type { Gap } from "./judgeBatch.ts";
import { violationDueAt } from "./violationDueAt.ts";

/** Accountability: the controller can show that the principles hold. */
export const accountability = "GDPR-5";

export type SilentOrGap = Pick<Gap, "seq"> & { readonly reason: Gap["reason"] | "NOT_ENDED" };

const severity = "HIGH";

/** One for each chain and tenant, however many gaps the chain has. */
export function toGapViolation(
  chain: { readonly id: string; readonly regionCode: string },
  gap: SilentOrGap,
  now: Date,
) {
  return {
    fingerprint: createHash("sha256")
      .update(JSON.stringify(["decision-record", chain.id]))
      .digest("hex"),
    subject: `The record of decisions of a gateway in ${chain.regionCode} does not tell everything: chain ${chain.id}, ${gap.reason} at entry ${gap.seq}`,
    regionCode: chain.regionCode,
    severity,
    detectedAt: now,
    dueAt: violationDueAt(now, severity),
  };
}
