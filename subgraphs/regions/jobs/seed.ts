/**
 * Reference data (regions, jurisdictions, countries of ISO 3166-1 from the npm package world-countries) and, for the
 * demonstration tenant `acme`, accounts of the demonstration users and a few data subjects. Running it again adds
 * what is missing and changes nothing.
 */

import { naturalId } from "../../shared/ids.ts";
import { countries } from "../countries.ts";
import type { Db, SeedRows } from "../db.ts";
import { jurisdictionOf, jurisdictions } from "../domain/jurisdictions.ts";

export async function seedRegions(db: Db, now: Date): Promise<void> {
  await db.seed({ ...referenceRows(), ...demonstrationRows(now) });
}

/** What Atlas itself needs, the same in every region. */
export function referenceRows(): Omit<SeedRows, keyof DemonstrationRows> {
  return {
    jurisdictions: jurisdictions.map((jurisdiction, position) => ({
      ...jurisdiction,
      laws: [...jurisdiction.laws],
      allowedRegions: [...jurisdiction.allowedRegions],
      id: naturalId("public", "jurisdiction", jurisdiction.code),
      position,
    })),
    regions: regions.map((region, position) => ({
      ...region,
      id: naturalId("public", "region", region.code),
      position,
    })),
    countries: countries().map((country) => ({
      ...country,
      id: naturalId("public", "country", country.code),
      jurisdictionCode: jurisdictionOf(country),
    })),
    replicationLinks: regions.flatMap((from) =>
      regions
        .filter((to) => to !== from)
        .map((to) => ({
          id: naturalId("public", "replication-link", from.code, to.code),
          fromRegionCode: from.code,
          toRegionCode: to.code,
        })),
    ),
  };
}

const regions = [
  {
    code: "us-east",
    name: "United States, East",
    role: "PRIMARY",
    status: "SERVING",
    jurisdictionCode: "US",
  },
  { code: "eu-west", name: "European Union, West", role: "ACTIVE", status: "DOWN", jurisdictionCode: "EU" },
  {
    code: "ap-southeast",
    name: "Asia-Pacific, South-East",
    role: "ACTIVE",
    status: "DOWN",
    jurisdictionCode: "AP",
  },
] as const;

const tenant = "acme";

const accounts = [
  { subject: "analyst", displayName: "Ada Analyst", residency: "us", homeRegionCode: "us-east" },
  { subject: "analyst-eu", displayName: "Emil Analyst", residency: "eu", homeRegionCode: "eu-west" },
  { subject: "officer", displayName: "Olga Officer", residency: "us", homeRegionCode: "us-east" },
  { subject: "admin", displayName: "Amir Administrator", residency: "us", homeRegionCode: "us-east" },
  { subject: "engineer", displayName: "Enzo Engineer", residency: "us", homeRegionCode: "us-east" },
  { subject: "phone", displayName: "Phoebe Phone", residency: "us", homeRegionCode: "us-east" },
] as const;

const subjects = [
  { pseudonym: "subject-us-1", residency: "us", jurisdictionCode: "US", decision: "GRANTED" },
  { pseudonym: "subject-eu-1", residency: "eu", jurisdictionCode: "EU", decision: "REFUSED" },
  { pseudonym: "subject-br-1", residency: "br", jurisdictionCode: "BR", decision: "GRANTED" },
] as const;

type DemonstrationRows = Pick<SeedRows, "accounts" | "dataSubjects" | "consents">;

function demonstrationRows(now: Date): DemonstrationRows {
  const subjectId = (pseudonym: string): string => naturalId(tenant, "data-subject", pseudonym);
  return {
    accounts: accounts.map((account) => ({
      ...account,
      tenant,
      id: naturalId(tenant, "account", account.subject),
      createdAt: now,
    })),
    dataSubjects: subjects.map(({ pseudonym, residency, jurisdictionCode }) => ({
      id: subjectId(pseudonym),
      tenant,
      residency,
      pseudonym,
      jurisdictionCode,
      createdAt: now,
    })),
    consents: subjects.map(({ pseudonym, residency, decision }) => ({
      id: naturalId(tenant, "consent", pseudonym, "research", "1"),
      tenant,
      residency,
      subjectId: subjectId(pseudonym),
      purpose: "research",
      decision,
      version: 1,
      recordedAt: now,
      recordedBy: "seed",
    })),
  };
}
