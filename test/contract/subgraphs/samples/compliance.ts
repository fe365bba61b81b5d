import { byCode, byId, type Sample, uuidOf } from "./sample.ts";

const at = "2026-03-03T12:00:00Z";
const hash = "0".repeat(64);

export const compliance: Sample = {
  subgraph: "compliance",
  rows: (n, tenant) => [
    [
      "control",
      {
        id: uuidOf("control", n),
        code: `TEST-${n}`,
        framework: "TEST",
        reference: `Art. ${n}`,
        title: "A control",
        description: "Asks something.",
        position: n,
      },
    ],
    [
      "retention_rule",
      {
        id: uuidOf("retention_rule", n),
        data_class: "PERSONAL",
        jurisdiction_code: `J${n}`,
        keep_days: 1,
        basis: "a law",
      },
    ],
    [
      "scan",
      {
        id: uuidOf("scan", n),
        region_code: `region-${n}`,
        scanner: "test",
        status: "COMPLETED",
        passed: 3,
        failed: 1,
        started_at: at,
      },
    ],
    [
      "violation",
      {
        id: uuidOf("violation", n),
        tenant,
        residency: "us",
        control_id: uuidOf("control", n),
        region_code: `region-${n}`,
        scan_id: uuidOf("scan", n),
        subject: "something",
        fingerprint: String(n),
        severity: "LOW",
        status: "OPEN",
        detected_at: at,
        due_at: at,
      },
    ],
    [
      "remediation",
      {
        id: uuidOf("remediation", n),
        tenant,
        violation_id: uuidOf("violation", n),
        action: "something",
        status: "RUNNING",
      },
    ],
    [
      "evidence",
      {
        id: uuidOf("evidence", n),
        tenant,
        residency: "us",
        control_id: uuidOf("control", n),
        scan_id: uuidOf("scan", n),
        sha256: hash,
        collector: "test",
        window_start: at,
        window_end: at,
        collected_at: at,
      },
    ],
    [
      "decision_record",
      {
        decision_id: `decision-${n}`,
        tenant,
        bundle_digest: hash,
        input_hash: hash,
        outcome: "ALLOWED",
        denied: [],
        decided_at: at,
      },
    ],
    [
      "lineage_step",
      {
        assessment_id: uuidOf("risk_assessment", n),
        position: 1,
        tenant,
        step: "fused",
        actor: "test",
        inputs: [uuidOf("violation", n)],
        at,
      },
    ],
    [
      "erasure_request",
      {
        id: uuidOf("erasure_request", n),
        tenant,
        residency: "us",
        subject_id: uuidOf("data_subject", n),
        status: "REQUESTED",
        due_at: at,
      },
    ],
  ],
  entities: [
    {
      type: "Control",
      belongs: "to everybody",
      keys: [byId("global", "Control", "control"), byCode((n) => `TEST-${n}`)],
      select: "id code openViolations",
    },
    {
      type: "RetentionRule",
      belongs: "to everybody",
      keys: [byId("global", "RetentionRule", "retention_rule")],
      select: "id jurisdiction { code }",
    },
    {
      type: "Scan",
      belongs: "to everybody",
      keys: [byId("global", "Scan", "scan")],
      select: "id region { code } violations { id control { code } remediations { id } }",
    },
    {
      type: "Violation",
      belongs: "to a tenant",
      keys: [byId("us", "Violation", "violation")],
      select: "id residency control { code openViolations } region { code } scan { id } remediations { id }",
    },
    {
      type: "Remediation",
      belongs: "to a tenant",
      keys: [byId("global", "Remediation", "remediation")],
      select: "id violation { id scan { id } }",
    },
    {
      type: "Evidence",
      belongs: "to a tenant",
      keys: [byId("us", "Evidence", "evidence")],
      select: "id residency control { code } scan { id }",
    },
    {
      type: "DecisionRecord",
      belongs: "to a tenant",
      keys: [(n) => ({ decisionId: `decision-${n}` })],
      select: "decisionId denied",
    },
    {
      type: "ErasureRequest",
      belongs: "to a tenant",
      keys: [byId("us", "ErasureRequest", "erasure_request")],
      select: "id residency subject { id erasure { id } }",
    },
    {
      type: "Region",
      belongs: "to another subgraph",
      keys: [byCode((n) => `region-${n}`)],
      select: "code compliance { lastScan { id violations { id } } openViolations passRate }",
    },
    {
      type: "RiskAssessment",
      belongs: "to another subgraph",
      keys: [byId("us", "RiskAssessment", "risk_assessment")],
      select: "id lineage { step inputs }",
    },
    {
      type: "DataSubject",
      belongs: "to another subgraph",
      keys: [byId("us", "DataSubject", "data_subject")],
      select: "id erasure { id }",
    },
  ],
  lists: [
    { field: "scans", belongs: "to everybody", select: "id violations { id control { code } }" },
    {
      field: "violations",
      belongs: "to a tenant",
      select: "edges { node { id control { code } scan { id } remediations { id } } } totalCount",
    },
    { field: "evidence", belongs: "to a tenant", select: "id control { code } scan { id }" },
    {
      field: "decisions",
      belongs: "to a tenant",
      select:
        "edges { node { decisionId verdicts { rule } chain { gaps { reason } } others { sequence } } } totalCount",
    },
  ],
  bounded: "scans",
};
