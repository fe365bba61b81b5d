import { hashSubject } from "../../policies/runtime/subjectHash.ts";
import type { DecisionFilter as Rows } from "./db/decisions.ts";
import type { DecisionFilter } from "./generated/resolvers.ts";

/** People are on record by a keyed hash, so a name is hashed to be found. */
export function toDecisionFilter(filter: DecisionFilter | null | undefined, subjectKey: Uint8Array): Rows {
  const { subject, ...rest } = filter ?? {};
  return {
    outcomes: rest.outcomes ?? undefined,
    coordinate: rest.coordinate ?? undefined,
    reason: rest.reason ?? undefined,
    operationName: rest.operationName ?? undefined,
    bundleDigest: rest.bundleDigest ?? undefined,
    crossesJurisdiction: rest.crossesJurisdiction ?? undefined,
    since: rest.since ?? undefined,
    until: rest.until ?? undefined,
    ...(subject !== null && subject !== undefined && { subjectHash: hashSubject(subjectKey, subject) }),
  };
}
