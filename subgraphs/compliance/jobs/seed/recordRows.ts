/** Decisions and lineage of the demonstration tenant. */

import { countryCodes } from "../../../shared/countryCodes.ts";
import { naturalId, toGlobalId } from "../../../shared/ids.ts";
import type { SeedRows } from "../../db.ts";
import { author, daysBefore, sha256, tenant } from "./author.ts";

export function recordRows(now: Date): Pick<SeedRows, "decisions" | "lineage"> {
  return {
    decisions: decisions.map((decision) => toDecision(decision, now)),
    lineage: countryCodes().flatMap((code) => toLineage(code, now)),
  };
}

const decisions = [
  { name: "1", outcome: "ALLOWED", denied: [] },
  { name: "2", outcome: "PARTLY_DENIED", denied: ["Signal.source"] },
] as const;

/** The hashes are of what stands here: no bundle decided this. */
function toDecision(
  { name, outcome, denied }: (typeof decisions)[number],
  now: Date,
): SeedRows["decisions"][number] {
  return {
    decisionId: `seeded-decision-${name}`,
    tenant,
    bundleDigest: sha256(author),
    inputHash: sha256(JSON.stringify({ outcome, denied })),
    outcome,
    denied: [...denied],
    decidedAt: daysBefore(now, 1),
  };
}

/**
 * The country assessments that intelligence's job computes while seeding: that part is true. The job does not put its
 * steps on record itself yet, so who did says so.
 */
function toLineage(country: string, now: Date): SeedRows["lineage"] {
  const step = (position: number, name: string, input: string) => ({
    assessmentId: naturalId(tenant, "assessment", "country", country),
    position,
    tenant,
    step: name,
    actor: `assessCountries, recorded by ${author}`,
    inputs: [input],
    at: now,
  });
  return [
    step(1, "fused", toGlobalId("global", "Country", naturalId("public", "country", country))),
    step(
      2,
      "assessed",
      toGlobalId("global", "FusionResult", naturalId(tenant, "fusion", "country", country)),
    ),
  ];
}
