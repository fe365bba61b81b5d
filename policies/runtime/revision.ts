/** What a released state of the policies is called: the moment of its signing, so that later ones compare as later. */
import { PolicyError } from "./policyError.ts";

const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z(?:[-+][\w.-]+)?$/;

/** A moment in UTC, and after a hyphen or a plus whatever tells people more: `2026-03-03T12:00:00Z-consent`. */
export function isRevision(text: string): boolean {
  return pattern.test(text) && !Number.isNaN(momentOf(text));
}

/** Throws BUNDLE_OUTDATED unless `next` is later: an old bundle is signed as well as a new one. */
export function assertLater(next: RevisedBundle, served: RevisedBundle | undefined): void {
  if (!served || next.digest === served.digest) return;
  if (momentOf(next.revision) > momentOf(served.revision)) return;
  throw new PolicyError(
    "BUNDLE_OUTDATED",
    `expected a revision later than ${served.revision}, got ${next.revision}`,
  );
}

export type RevisedBundle = { readonly digest: string; readonly revision: string };

/** Milliseconds since 1970; NaN for what is no revision. */
export function momentOf(revision: string): number {
  return Date.parse(revision.slice(0, revision.indexOf("Z") + 1));
}
