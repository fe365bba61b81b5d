/** One batch function for each key, made anew for each request. */
import { createListLoader, createLoader } from "../shared/createLoader.ts";
import type { Reader } from "../shared/filters/rowFilter.ts";
import type { Db } from "./db.ts";

export type Loaders = ReturnType<typeof createLoaders>;

/** The tenant bounds whatever belongs to one, lists and counts have what policies let the reader see; controls, scans and retention rules belong to none. */
export function createLoaders(db: Db, reader: Reader, now: Date) {
  const { tenant } = reader;
  return {
    controlByCode: createLoader(db.findControlsByCode, (control) => control.code),
    controlById: createLoader(db.findControlsById, (control) => control.id),
    openViolationsOfControl: createLoader(
      (ids) => db.countOpenViolationsOfControls(reader, ids, now),
      ({ controlId }) => controlId,
    ),
    retentionRule: createLoader(db.findRetentionRulesById, (rule) => rule.id),
    scan: createLoader(db.findScansById, (scan) => scan.id),
    newestScanId: createLoader(db.findNewestScanIds, ({ regionCode }) => regionCode),
    newestCompletedScanId: createLoader(db.findNewestCompletedScanIds, ({ regionCode }) => regionCode),
    openViolationsInRegion: createLoader(
      (codes) => db.countOpenViolationsInRegions(reader, codes, now),
      ({ regionCode }) => regionCode,
    ),
    violation: createLoader(
      (ids) => db.findViolationsById(tenant, ids),
      (violation) => violation.id,
    ),
    violationsOfScan: createListLoader(
      (ids) => db.findViolationsOfScans(reader, ids),
      ({ scanId }) => scanId ?? "",
    ),
    remediation: createLoader(
      (ids) => db.findRemediationsById(tenant, ids),
      (remediation) => remediation.id,
    ),
    remediationsOfViolation: createListLoader(
      (ids) => db.findRemediationsOfViolations(tenant, ids),
      ({ violationId }) => violationId,
    ),
    evidence: createLoader(
      (ids) => db.findEvidenceById(tenant, ids),
      (evidence) => evidence.id,
    ),
    decisions: createListLoader(
      (ids) => db.findDecisionsById(tenant, ids),
      ({ decisionId }) => decisionId,
    ),
    decisionQuestion: createLoader(db.findDecisionQuestions, (question) => question.id),
    decisionChain: createLoader(db.findDecisionChainsById, (chain) => chain.id),
    decisionGaps: createListLoader(db.findDecisionGaps, ({ chainId }) => chainId),
    lineageOfAssessment: createListLoader(
      (ids) => db.findLineageOfAssessments(tenant, ids),
      ({ assessmentId }) => assessmentId,
    ),
    erasure: createLoader(
      (ids) => db.findErasuresById(tenant, ids),
      (request) => request.id,
    ),
    erasuresOfSubject: createListLoader(
      (ids) => db.findErasuresOfSubjects(tenant, ids),
      ({ subjectId }) => subjectId,
    ),
  };
}
