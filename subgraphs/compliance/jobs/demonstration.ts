/**
 * Rows of the demonstration tenant. No scanner ran: every row names `seeded generator` or calls itself a seeded example, and counts and
 * hashes are computed from the rows beside them, so that they agree as those of a real scan would.
 */
import { createHash } from "node:crypto";
import { naturalId, toGlobalId } from "../../shared/ids.ts";
import type { SeedRows } from "../db.ts";
import { controls } from "../domain/controls.ts";
import { type ViolationSeverity, violationDueAt } from "../domain/violationDueAt.ts";
import type { ViolationStatus } from "../domain/violationState.ts";
import { countryCodes } from "./countryCodes.ts";

const tenant = "acme";
const author = "seeded generator 1";
const dayMs = 86_400_000;

type DemonstrationRows = Omit<SeedRows, "controls" | "retentionRules">;

export function demonstrationRows(now: Date, controlId: (code: string) => string): DemonstrationRows {
  const looks = scans.map((scan) => ({
    ...scan,
    startedAt: daysBefore(now, scan.daysAgo),
    id: scanId(scan),
  }));
  const found = looks.flatMap((look) =>
    findings
      .filter(({ scan }) => scan === look.name)
      .map((finding) => toViolation(finding, look, now, controlId)),
  );
  const scanRows = looks.map((look) => toScan(look, found));
  return {
    scans: scanRows,
    violations: found,
    remediations: found.flatMap((violation) => toRemediations(violation)),
    evidence: scanRows.map((scan) => toEvidence(scan, found)),
    decisions: decisions.map((decision) => toDecision(decision, now)),
    lineage: countryCodes().flatMap((code) => toLineage(code, now)),
  };
}

type ScanName = "us-east, earlier" | "us-east" | "eu-west" | "ap-southeast";

/** The newest of each region, and an earlier one whose finding is resolved. */
const scans = [
  { name: "us-east, earlier", regionCode: "us-east", residency: "us", daysAgo: 31 },
  { name: "us-east", regionCode: "us-east", residency: "us", daysAgo: 1 },
  { name: "eu-west", regionCode: "eu-west", residency: "eu", daysAgo: 1 },
  { name: "ap-southeast", regionCode: "ap-southeast", residency: "ap", daysAgo: 1 },
] as const satisfies readonly { name: ScanName; regionCode: string; residency: string; daysAgo: number }[];

/** Frameworks that apply in a region: the law of its jurisdiction, of those whose data it may store, and SOC 2. */
const frameworks: Readonly<Record<string, readonly string[]>> = {
  "us-east": ["GDPR", "LGPD", "SOC 2"],
  "eu-west": ["GDPR", "SOC 2"],
  "ap-southeast": ["SOC 2"],
};

/** Checks that could not be made, one in each region: errors are part of a scanner's life. */
const unmadeCheck = "SOC2-CC7.2";

type Finding = {
  readonly scan: ScanName;
  readonly control: string;
  readonly severity: ViolationSeverity;
  readonly status: ViolationStatus;
  readonly subject: string;
};

const findings: readonly Finding[] = [
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

type Look = (typeof scans)[number] & { readonly id: string; readonly startedAt: Date };
type ScanRow = SeedRows["scans"][number];
type ViolationRow = SeedRows["violations"][number] & { readonly id: string; readonly detectedAt: Date };

function toViolation(
  { control, severity, status, subject }: Finding,
  look: Look,
  now: Date,
  controlId: (code: string) => string,
): ViolationRow {
  const fingerprint = sha256(JSON.stringify([look.regionCode, control, subject]));
  const detectedAt = new Date(look.startedAt.getTime() + 60_000);
  return {
    id: naturalId(tenant, "violation", fingerprint),
    tenant,
    residency: look.residency,
    controlId: controlId(control),
    regionCode: look.regionCode,
    scanId: look.id,
    subject,
    fingerprint,
    severity,
    status,
    detectedAt,
    dueAt: violationDueAt(detectedAt, severity),
    resolvedAt: status === "RESOLVED" ? daysBefore(now, 1) : null,
    waivedUntil: status === "WAIVED" ? daysBefore(now, -90) : null,
    waiverReason: status === "WAIVED" ? "Seeded example: the authority is named at the next review" : null,
  };
}

/** One check for each control: those with a finding failed, all others that apply and could be made passed. */
function toScan(look: Look, found: readonly ViolationRow[]): ScanRow {
  const applicable = controls.filter(({ framework }) => frameworks[look.regionCode]?.includes(framework));
  const failed = found.filter(({ scanId }) => scanId === look.id).length;
  const errored = applicable.filter(({ code }) => code === unmadeCheck).length;
  return {
    id: look.id,
    regionCode: look.regionCode,
    scanner: author,
    status: "COMPLETED",
    passed: applicable.length - failed - errored,
    failed,
    errored,
    notApplicable: controls.length - applicable.length,
    startedAt: look.startedAt,
    finishedAt: new Date(look.startedAt.getTime() + 120_000),
  };
}

function toRemediations({ id, status, detectedAt }: ViolationRow): SeedRows["remediations"] {
  if (status !== "IN_REMEDIATION" && status !== "RESOLVED") return [];
  const startedAt = new Date(detectedAt.getTime() + dayMs / 4);
  return [
    {
      id: naturalId(tenant, "remediation", id),
      tenant,
      violationId: id,
      action:
        status === "RESOLVED"
          ? "Seeded example: the recipients are entered and reviewed"
          : "Seeded example: the grant is revoked and the migration corrected",
      status: status === "RESOLVED" ? "COMPLETED" : "RUNNING",
      startedAt,
      finishedAt: status === "RESOLVED" ? new Date(startedAt.getTime() + dayMs) : null,
    },
  ];
}

/** The evidence of a scan is its report; who has the rows can write the same bytes again and compare the hash. */
export function scanReport(
  scan: ScanRow,
  found: readonly { fingerprint: string; scanId?: string | null }[],
): string {
  const { regionCode, scanner, passed, failed, errored, notApplicable } = scan;
  const fingerprints = found.filter(({ scanId }) => scanId === scan.id).map(({ fingerprint }) => fingerprint);
  return JSON.stringify({
    regionCode,
    scanner,
    passed,
    failed,
    errored,
    notApplicable,
    found: fingerprints.sort(),
  });
}

function toEvidence(scan: ScanRow, found: readonly ViolationRow[]): SeedRows["evidence"][number] {
  const finishedAt = scan.finishedAt ?? scan.startedAt;
  return {
    id: naturalId(tenant, "evidence", String(scan.id)),
    tenant,
    residency: scans.find(({ regionCode }) => regionCode === scan.regionCode)?.residency ?? "global",
    controlId: null,
    scanId: scan.id,
    sha256: sha256(scanReport(scan, found)),
    collector: author,
    windowStart: scan.startedAt,
    windowEnd: finishedAt,
    collectedAt: finishedAt,
  };
}

const decisions = [
  { name: "1", outcome: "ALLOWED", denied: [] },
  { name: "2", outcome: "PARTLY_DENIED", denied: ["Signal.sourceIdentity"] },
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

function scanId({ name }: { readonly name: ScanName }): string {
  return naturalId("public", "scan", author, name);
}

function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * dayMs);
}

function sha256(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
