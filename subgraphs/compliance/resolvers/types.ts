/** Fields of the types, where the row alone does not answer. */
import { getRow } from "../../shared/getRow.ts";
import { getUuid, toGlobalId, toResidencyName } from "../../shared/ids.ts";
import { passRate } from "../domain/passRate.ts";
import { parseVerdicts, replayDecision } from "../domain/replayDecision.ts";
import { currentStatus } from "../domain/violationState.ts";
import type {
  AccessExplanationResolvers,
  AccessFactsResolvers,
  ControlResolvers,
  DataSubjectResolvers,
  DecisionChainResolvers,
  DecisionChainVerificationResolvers,
  DecisionConnectionResolvers,
  DecisionGapResolvers,
  DecisionRecordResolvers,
  DecisionVerdictResolvers,
  ErasureRequestResolvers,
  EvidenceResolvers,
  PolicyShadowResolvers,
  RegionComplianceResolvers,
  RegionResolvers,
  RemediationResolvers,
  RetentionRuleResolvers,
  RiskAssessmentResolvers,
  RowAccessResolvers,
  ScanResolvers,
  TypeAccessResolvers,
  ViolationConnectionResolvers,
  ViolationResolvers,
} from "../generated/resolvers.ts";

export const Control: ControlResolvers = {
  __resolveReference: (reference, { loaders }) =>
    "code" in reference
      ? loaders.controlByCode.load(reference.code)
      : loaders.controlById.load(getUuid(reference.id, "Control")),
  id: ({ id }) => toGlobalId("global", "Control", id),
  openViolations: async ({ id }, _args, { loaders }) =>
    (await loaders.openViolationsOfControl.load(id))?._count ?? 0,
};

export const Scan: ScanResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.scan.load(getUuid(id, "Scan")),
  id: ({ id }) => toGlobalId("global", "Scan", id),
  region: ({ regionCode }) => ({ code: regionCode }),
  violations: async ({ id }, _args, { loaders }) => [...(await loaders.violationsOfScan.load(id))],
};

export const Violation: ViolationResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.violation.load(getUuid(id, "Violation")),
  id: ({ residency, id }) => toGlobalId(residency, "Violation", id),
  residency: ({ residency }) => toResidencyName(residency),
  control: ({ controlId }, _args, { loaders }) => getRow(loaders.controlById, controlId),
  region: ({ regionCode }) => ({ code: regionCode }),
  scan: ({ scanId }, _args, { loaders }) => (scanId === null ? null : loaders.scan.load(scanId)),
  status: (violation, _args, { now }) => currentStatus(violation, now),
  remediations: async ({ id }, _args, { loaders }) => [...(await loaders.remediationsOfViolation.load(id))],
};

export const ViolationConnection: ViolationConnectionResolvers = {
  edges: ({ edges }) => [...edges],
  totalCount: ({ totalCount }) => totalCount(),
};

export const Remediation: RemediationResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.remediation.load(getUuid(id, "Remediation")),
  id: ({ id }) => toGlobalId("global", "Remediation", id),
  violation: ({ violationId }, _args, { loaders }) => getRow(loaders.violation, violationId),
};

export const Evidence: EvidenceResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.evidence.load(getUuid(id, "Evidence")),
  id: ({ residency, id }) => toGlobalId(residency, "Evidence", id),
  residency: ({ residency }) => toResidencyName(residency),
  control: ({ controlId }, _args, { loaders }) =>
    controlId === null ? null : loaders.controlById.load(controlId),
  scan: ({ scanId }, _args, { loaders }) => (scanId === null ? null : loaders.scan.load(scanId)),
};

export const DecisionRecord: DecisionRecordResolvers = {
  __resolveReference: async ({ decisionId }, { loaders }) =>
    (await loaders.decisions.load(decisionId)).at(0) ?? null,
  latencyMs: ({ latencyUs }) => latencyUs / 1_000,
  position: ({ seq }) => Number(seq),
  verdicts: async ({ questionId }, _args, { loaders }) =>
    parseVerdicts(questionId === null ? null : await loaders.decisionQuestion.load(questionId)),
  masked: async ({ questionId }, _args, { loaders }) =>
    (questionId === null ? null : await loaders.decisionQuestion.load(questionId))?.masked ?? [],
  chain: ({ chainId }, _args, { loaders }) => (chainId === null ? null : loaders.decisionChain.load(chainId)),
  others: async (record, _args, { loaders }) =>
    (await loaders.decisions.load(record.decisionId)).filter(
      ({ sequence, seq }) => sequence !== record.sequence || seq !== record.seq,
    ),
  replay: async ({ questionId }, _args, { loaders, db }) =>
    replayDecision(
      questionId === null ? null : await loaders.decisionQuestion.load(questionId),
      async (digest) => (await db.findPolicyBundle(digest))?.packed,
    ),
};

export const AccessExplanation: AccessExplanationResolvers = {
  bundleDigest: ({ bundle }) => bundle.digest,
  bundleRevision: ({ bundle }) => bundle.revision,
  allowed: ({ fields }) => fields.every(({ allowed }) => allowed),
  rows: ({ rows }) => rows?.rows ?? null,
  rowsComplete: ({ rows }) => rows?.isComplete ?? null,
};

export const AccessFacts: AccessFactsResolvers = {
  roles: ({ roles }) => [...roles],
  scopes: ({ scopes }) => [...scopes],
};

export const TypeAccess: TypeAccessResolvers = {
  lists: ({ lists }) => listAccesses[lists],
};

const listAccesses = { all: "ALL", some: "SOME", none: "NONE" } as const;

export const RowAccess: RowAccessResolvers = {
  outcome: ({ outcome }) => verdictOutcomes[outcome],
};

export const PolicyShadow: PolicyShadowResolvers = {
  bundleDigest: ({ bundle }) => bundle?.digest ?? null,
  bundleRevision: ({ bundle }) => bundle?.revision ?? null,
  since: ({ since }) => new Date(since),
  problem: ({ problem }) => problem?.text ?? null,
  decisions: ({ results }) => shadowResults.map(([key, result]) => ({ result, count: results[key] })),
};

const shadowResults = [
  ["same", "SAME"],
  ["stricter", "STRICTER"],
  ["looser", "LOOSER"],
  ["other", "OTHER"],
  ["failed", "FAILED"],
  ["skipped", "SKIPPED"],
] as const;

export const DecisionVerdict: DecisionVerdictResolvers = {
  outcome: ({ outcome }) => verdictOutcomes[outcome],
};

const verdictOutcomes = {
  allow: "ALLOW",
  deny: "DENY",
  null: "NULL",
  drop: "DROP",
  mask: "MASK",
  filter: "FILTER",
} as const;

export const DecisionConnection: DecisionConnectionResolvers = {
  edges: ({ edges }) => [...edges],
  totalCount: ({ totalCount }) => totalCount(),
};

export const DecisionChain: DecisionChainResolvers = {
  entries: ({ lastSeq }) => Number(lastSeq),
  gaps: async ({ id }, _args, { loaders }) => [...(await loaders.decisionGaps.load(id))],
};

export const DecisionGap: DecisionGapResolvers = {
  position: ({ seq }) => Number(seq),
  decisions: ({ decisions }) => Number(decisions),
};

export const DecisionChainVerification: DecisionChainVerificationResolvers = {
  status: ({ faults, lost }) => (faults.length > 0 ? "BROKEN" : lost > 0 ? "INCOMPLETE" : "VERIFIED"),
  faults: ({ faults }) => [...faults],
};

export const RetentionRule: RetentionRuleResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.retentionRule.load(getUuid(id, "RetentionRule")),
  id: ({ id }) => toGlobalId("global", "RetentionRule", id),
  jurisdiction: ({ jurisdictionCode }) => ({ code: jurisdictionCode }),
};

export const ErasureRequest: ErasureRequestResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.erasure.load(getUuid(id, "ErasureRequest")),
  id: ({ residency, id }) => toGlobalId(residency, "ErasureRequest", id),
  residency: ({ residency }) => toResidencyName(residency),
  subject: ({ residency, subjectId }) => ({ id: toGlobalId(residency, "DataSubject", subjectId) }),
};

/** Regions, assessments and people are other subgraphs' rows: whatever key comes is taken as theirs. */
export const Region: RegionResolvers = {
  __resolveReference: ({ code }) => ({ code }),
  compliance: ({ code }) => ({ regionCode: code }),
};

export const RegionCompliance: RegionComplianceResolvers = {
  lastScan: async ({ regionCode }, _args, { loaders }) => {
    const newest = await loaders.newestScanId.load(regionCode);
    return newest && loaders.scan.load(newest.id);
  },
  openViolations: async ({ regionCode }, _args, { loaders }) =>
    (await loaders.openViolationsInRegion.load(regionCode))?._count ?? 0,
  passRate: async ({ regionCode }, _args, { loaders }) => {
    const newest = await loaders.newestCompletedScanId.load(regionCode);
    const scan = newest && (await loaders.scan.load(newest.id));
    return scan && passRate(scan);
  },
};

export const RiskAssessment: RiskAssessmentResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  lineage: async ({ id }, _args, { loaders }) => [
    ...(await loaders.lineageOfAssessment.load(getUuid(id, "RiskAssessment"))),
  ],
};

export const DataSubject: DataSubjectResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  erasure: async ({ id }, _args, { loaders }) =>
    (await loaders.erasuresOfSubject.load(getUuid(id, "DataSubject"))).at(0) ?? null,
};
