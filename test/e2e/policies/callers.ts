/** The callers of the case tables, as tokens. */
import type { CallerFacts } from "../../../policies/runtime/facts.ts";
import type { TokenClaims } from "../../support/startTestIssuer.ts";

const clearances = ["clear", "green", "amber", "amber+strict", "red"];

/** What a token can say; the other callers of the tables exist in Rego only. */
export const canSignIn = ({ kind, clearance }: CallerFacts): boolean =>
  kind === "identified" && clearances.includes(clearance);

export function claimsOf(
  { subject, roles, scopes, clearance, purpose, region }: CallerFacts,
  tenant: string,
): Partial<TokenClaims> {
  return { sub: subject ?? "", tenant, roles, scope: scopes.join(" "), clearance, purpose, region };
}
