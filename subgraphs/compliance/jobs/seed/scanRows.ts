/**
 * Scans of the demonstration tenant and what came of them. No scanner ran; counts and hashes are computed from the rows
 * beside them, so that they agree as those of a real scan would.
 */
import { naturalId } from "../../../shared/ids.ts";
import type { SeedRows } from "../../db.ts";
import { controls } from "../../domain/controls.ts";
import { violationDueAt } from "../../domain/violationDueAt.ts";
import { author, dayMs, daysBefore, sha256, tenant } from "./author.ts";
import { type Finding, findings, frameworks, scans, unmadeCheck } from "./findings.ts";

type ScanRows = Pick<SeedRows, "scans" | "violations" | "remediations" | "evidence">;

export function scanRows(now: Date, controlId: (code: string) => string): ScanRows {
  const looks = scans.map((scan) => ({
    ...scan,
    startedAt: daysBefore(now, scan.daysAgo),
    id: naturalId("public", "scan", author, scan.name),
  }));
  const found = looks.flatMap((look) =>
    findings
      .filter(({ scan }) => scan === look.name)
      .map((finding) => toViolation(finding, look, now, controlId)),
  );
  const rows = looks.map((look) => toScan(look, found));
  return {
    scans: rows,
    violations: found,
    remediations: found.flatMap(toRemediations),
    evidence: rows.map((scan) => toEvidence(scan, found)),
  };
}

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
