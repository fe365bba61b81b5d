/** Which row each graph type resolves from; codegen.ts reads the names. */
import type * as rows from "../../prisma/generated/client.ts";
import type { Connection } from "../shared/page.ts";

export type ControlMapper = rows.Control;
export type ScanMapper = rows.Scan;
export type ViolationMapper = rows.Violation;
export type RemediationMapper = rows.Remediation;
export type EvidenceMapper = rows.Evidence;
export type DecisionRecordMapper = rows.DecisionRecord;
export type RetentionRuleMapper = rows.RetentionRule;
export type LineageStepMapper = rows.LineageStep;
export type ErasureRequestMapper = rows.ErasureRequest;
export type ViolationConnectionMapper = Connection<rows.Violation>;
export type RegionComplianceMapper = { readonly regionCode: string };
/** Types of other subgraphs: only their keys are known here. */
export type RegionMapper = { readonly code: string };
export type JurisdictionMapper = { readonly code: string };
export type RiskAssessmentMapper = { readonly id: string };
export type DataSubjectMapper = { readonly id: string };
