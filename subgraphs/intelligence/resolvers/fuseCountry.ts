/** `Query.fuse`: what the caller may read of a country, fused as it is asked for. */
import type { Reader } from "../../shared/filters/rowFilter.ts";
import type { Db } from "../db.ts";
import { findLastHeard } from "../domain/fusion/decayConfidence.ts";
import { type FusedRisk, type FusionMethod, fuse } from "../domain/fusion/fuse.ts";
import { originOf } from "../domain/fusion/originOf.ts";
import { conflictDefaults } from "../domain/fusion/poolDempsterShafer.ts";
import type { Domain } from "../domain/fusionContributions.ts";

/** The newest signals of a domain that are read, at most; as for stored assessments. */
const signalsMax = 500;

const methods = {
  LATE: { kind: "late" },
  EARLY: { kind: "early" },
  DEMPSTER_SHAFER: { kind: "dempster-shafer", ...conflictDefaults },
} as const satisfies Record<string, FusionMethod>;

export type CountryRisk = FusedRisk & { readonly countryCode: string; readonly computedAt: Date };

type Asked = {
  readonly country: string;
  readonly domains: readonly Domain[];
  readonly method: keyof typeof methods;
};

/** Null when there is no evidence. */
export async function fuseCountry(
  db: Db,
  reader: Reader,
  { country, domains, method }: Asked,
): Promise<CountryRisk | null> {
  const now = new Date();
  const [evidence, newest] = await Promise.all([
    db.findEvidenceOfCountry(reader, country, domains, signalsMax),
    db.findNewestOfDomains(reader, domains),
  ]);
  const signals = evidence.map((row) => ({ ...row, origin: originOf(row) }));
  const risk = fuse(signals, findLastHeard(newest, now), methods[method]);
  return risk && { ...risk, countryCode: country, computedAt: now };
}
