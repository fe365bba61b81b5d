/** Which row each graph type resolves from; codegen.ts reads the names. */

import type { RecordedQuestion } from "../../policies/runtime/decisionChain.ts";
import type * as rows from "../../prisma/generated/client.ts";
import type { Connection } from "../shared/page.ts";
import type { AccessExplanation, AccessFacts, PolicyShadow } from "./askGateway.ts";
import type { ChainVerification } from "./domain/verifyChain.ts";

export type ControlMapper = rows.Control;
export type ScanMapper = rows.Scan;
export type ViolationMapper = rows.Violation;
export type RemediationMapper = rows.Remediation;
export type EvidenceMapper = rows.Evidence;
export type DecisionRecordMapper = rows.DecisionRecord;
export type DecisionConnectionMapper = Connection<rows.DecisionRecord>;
export type DecisionVerdictMapper = RecordedQuestion["verdicts"][number];
export type AccessExplanationMapper = AccessExplanation & { readonly caller: AccessFacts };
export type AccessFactsMapper = AccessFacts;
export type FieldAccessMapper = AccessExplanation["fields"][number];
export type TypeAccessMapper = AccessExplanation["types"][number];
export type RowAccessMapper = NonNullable<AccessExplanation["rows"]>["rows"][number];
export type PolicyShadowMapper = PolicyShadow;
export type DecisionChainMapper = rows.DecisionChain;
export type DecisionGapMapper = rows.DecisionGap;
export type DecisionChainVerificationMapper = ChainVerification & { readonly chain: rows.DecisionChain };
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
