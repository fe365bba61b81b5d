/** What the seeded scans looked at and found: the tables behind scanRows.ts. */
import type { ViolationSeverity } from "../../domain/violationDueAt.ts";
import type { ViolationStatus } from "../../domain/violationState.ts";

export type ScanName = "us-east, earlier" | "us-east" | "eu-west" | "ap-southeast";

/** The newest of each region, and an earlier one whose finding is resolved. */
export const scans = [
  { name: "us-east, earlier", regionCode: "us-east", residency: "us", daysAgo: 31 },
  { name: "us-east", regionCode: "us-east", residency: "us", daysAgo: 1 },
  { name: "eu-west", regionCode: "eu-west", residency: "eu", daysAgo: 1 },
  { name: "ap-southeast", regionCode: "ap-southeast", residency: "ap", daysAgo: 1 },
] as const satisfies readonly { name: ScanName; regionCode: string; residency: string; daysAgo: number }[];

/**
 * Frameworks that apply in a region: the laws that follow the data it may store, and SOC 2. Rows of residency `global`
 * may be about people in the Union wherever they are stored (GDPR Art. 3).
 */
export const frameworks: Readonly<Record<string, readonly string[]>> = {
  "us-east": ["GDPR", "LGPD", "SOC 2"],
  "eu-west": ["GDPR", "SOC 2"],
  "ap-southeast": ["GDPR", "SOC 2"],
};

/** Checks that could not be made, one in each region: errors are part of a scanner's life. */
export const unmadeCheck = "SOC2-CC7.2";

export type Finding = {
  readonly scan: ScanName;
  readonly control: string;
  readonly severity: ViolationSeverity;
  readonly status: ViolationStatus;
  readonly subject: string;
};

export const findings: readonly Finding[] = [
  {
    scan: "us-east, earlier",
    control: "GDPR-30",
    severity: "MEDIUM",
    status: "RESOLVED",
    subject: "Seeded example: the record of processing names no recipients for exchange-rate imports",
  },
  {
    scan: "us-east",
    control: "LGPD-16",
    severity: "HIGH",
    status: "OPEN",
    subject: "Seeded example: two notifications are older than the retention rule for personal data allows",
  },
  {
    scan: "us-east",
    control: "SOC2-CC6.1",
    severity: "CRITICAL",
    status: "IN_REMEDIATION",
    subject: "Seeded example: a database role may read a schema that is not its own",
  },
  {
    scan: "eu-west",
    control: "GDPR-33",
    severity: "MEDIUM",
    status: "WAIVED",
    subject: "Seeded example: the contact of the supervisory authority is not on file",
  },
  {
    scan: "eu-west",
    control: "GDPR-32",
    severity: "LOW",
    status: "OPEN",
    subject: "Seeded example: the last restore test is older than a quarter",
  },
  {
    scan: "ap-southeast",
    control: "SOC2-CC6.1",
    severity: "LOW",
    status: "OPEN",
    subject: "Seeded example: an account without a sign-in for 90 days is still active",
  },
];
