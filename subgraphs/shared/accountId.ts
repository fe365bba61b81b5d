import { naturalId, type Residency } from "./ids.ts";
import type { CallerContext } from "./verifyContext.ts";

export type Account = { readonly id: string; readonly residency: Residency };

/**
 * Whose account is behind a caller, by natural key: every subgraph names the same User without asking regions, who
 * owns it. The record belongs to the jurisdiction of the caller. Null when nobody is signed in.
 */
export function toAccount(
  caller: Pick<CallerContext, "subject" | "tenant" | "jurisdiction">,
): Account | null {
  const { subject, tenant, jurisdiction } = caller;
  if (subject === null) return null;
  return { id: naturalId(tenant, "account", subject), residency: jurisdiction };
}
