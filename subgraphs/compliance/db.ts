/** Every query of this subgraph, named by intent; the only file here that knows Prisma. */
import { z } from "zod";
import type { Prisma, Violation } from "../../prisma/generated/client.ts";
import { residencyField } from "../shared/filters/filterFields.ts";
import type { Reader } from "../shared/filters/rowFilter.ts";
import { toWhere, type Where } from "../shared/filters/toWhere.ts";
import type { PageRequest } from "../shared/page.ts";
import { type DatabaseOptions, openPrisma } from "../shared/prisma.ts";
import { createWriteOnce } from "../shared/writeOnce.ts";
import { createDecisionQueries } from "./db/decisions.ts";
import type { ViolationStatus } from "./domain/violationState.ts";

export type Db = ReturnType<typeof openDb>;

export function openDb(options: DatabaseOptions) {
  const prisma = openPrisma(options);
  return {
    ...createQueries(prisma),
    checkReady: async (): Promise<void> => {
      await prisma.control.findFirst({ select: { id: true } });
    },
    close: () => prisma.$disconnect(),
    inTransaction: <Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> =>
      prisma.$transaction((tx) => work(createQueries(tx)), { timeout: 60_000 }),
    writeOnce: createWriteOnce(prisma, { answersOf: (tx) => tx.complianceIdempotency, createQueries }),
  };
}

export type Queries = ReturnType<typeof createQueries>;

function createQueries(prisma: Prisma.TransactionClient) {
  return {
    ...createControlQueries(prisma),
    ...createScanQueries(prisma),
    ...createViolationQueries(prisma),
    ...createRecordQueries(prisma),
    ...createDecisionQueries(prisma),
    ...createErasureQueries(prisma),

    seed: async (rows: SeedRows): Promise<void> => {
      await prisma.control.createMany({ data: rows.controls, skipDuplicates: true });
      await prisma.retentionRule.createMany({ data: rows.retentionRules, skipDuplicates: true });
      await prisma.scan.createMany({ data: rows.scans, skipDuplicates: true });
      await prisma.violation.createMany({ data: rows.violations, skipDuplicates: true });
      await prisma.remediation.createMany({ data: rows.remediations, skipDuplicates: true });
      await prisma.evidence.createMany({ data: rows.evidence, skipDuplicates: true });
      await prisma.decisionRecord.createMany({ data: rows.decisions, skipDuplicates: true });
      await prisma.lineageStep.createMany({ data: rows.lineage, skipDuplicates: true });
    },
  };
}

export type SeedRows = {
  readonly controls: Prisma.ControlCreateManyInput[];
  readonly retentionRules: Prisma.RetentionRuleCreateManyInput[];
  readonly scans: Prisma.ScanCreateManyInput[];
  readonly violations: Prisma.ViolationCreateManyInput[];
  readonly remediations: Prisma.RemediationCreateManyInput[];
  readonly evidence: Prisma.EvidenceCreateManyInput[];
  readonly decisions: Prisma.DecisionRecordCreateManyInput[];
  readonly lineage: Prisma.LineageStepCreateManyInput[];
};

function createControlQueries(prisma: Prisma.TransactionClient) {
  return {
    findControls: (framework?: string) =>
      prisma.control.findMany({
        where: framework === undefined ? {} : { framework },
        orderBy: [{ framework: "asc" }, { position: "asc" }],
      }),
    findControlsByCode: (codes: readonly string[]) =>
      prisma.control.findMany({ where: { code: { in: [...codes] } } }),
    findControlsById: (ids: readonly string[]) =>
      prisma.control.findMany({ where: { id: { in: [...ids] } } }),
    /** What is there already stays as it is. */
    keepControl: (control: Prisma.ControlCreateManyInput) =>
      prisma.control.createMany({ data: [control], skipDuplicates: true }),
    findRetentionRules: () =>
      prisma.retentionRule.findMany({ orderBy: [{ jurisdictionCode: "asc" }, { dataClass: "asc" }] }),
    findRetentionRulesById: (ids: readonly string[]) =>
      prisma.retentionRule.findMany({ where: { id: { in: [...ids] } } }),
  };
}

function createScanQueries(prisma: Prisma.TransactionClient) {
  return {
    /** Newest first. */
    findScans: (take: number, regionCode?: string) =>
      prisma.scan.findMany({
        where: regionCode === undefined ? {} : { regionCode },
        orderBy: [{ startedAt: "desc" }, { id: "desc" }],
        take,
      }),
    findScansById: (ids: readonly string[]) => prisma.scan.findMany({ where: { id: { in: [...ids] } } }),
    /** One for each region that was ever scanned. Prisma's `distinct` would read every scan and choose in memory. */
    findNewestScanIds: async (regionCodes: readonly string[]) =>
      newestScans.parse(
        await prisma.$queryRaw`
          SELECT DISTINCT ON (region_code) region_code AS "regionCode", id
          FROM compliance.scan
          WHERE region_code = ANY (${[...regionCodes]})
          ORDER BY region_code, started_at DESC, id DESC`,
      ),
    findNewestCompletedScanIds: async (regionCodes: readonly string[]) =>
      newestScans.parse(
        await prisma.$queryRaw`
          SELECT DISTINCT ON (region_code) region_code AS "regionCode", id
          FROM compliance.scan
          WHERE region_code = ANY (${[...regionCodes]}) AND status = 'COMPLETED'
          ORDER BY region_code, started_at DESC, id DESC`,
      ),
  };
}

const newestScans = z.array(z.object({ regionCode: z.string(), id: z.uuid() }));

function createViolationQueries(prisma: Prisma.TransactionClient) {
  return {
    /** Newest first. */
    findViolations: (reader: Reader, { take, after }: PageRequest, now: Date, status?: ViolationStatus) =>
      prisma.violation.findMany({
        where: {
          tenant: reader.tenant,
          AND: [isVisible(reader, "Violation"), hasStatus(now, status), after ? beforeDetection(after) : {}],
        },
        orderBy: [{ detectedAt: "desc" }, { id: "desc" }],
        take,
      }),
    countViolations: (reader: Reader, now: Date, status?: ViolationStatus) =>
      prisma.violation.count({
        where: { tenant: reader.tenant, ...isVisible(reader, "Violation"), ...hasStatus(now, status) },
      }),
    /** One that is found again is the same one: open, unless people have waived it or deal with it. */
    openViolation: async (found: Prisma.ViolationCreateManyInput) => {
      const { tenant, fingerprint, subject, detectedAt, dueAt } = found;
      const { count } = await prisma.violation.createMany({ data: [found], skipDuplicates: true });
      if (count === 0)
        await prisma.violation.updateMany({
          where: { tenant, fingerprint, status: "RESOLVED" },
          data: { status: "OPEN", subject, detectedAt, dueAt, resolvedAt: null },
        });
    },
    findViolationsById: (tenant: string, ids: readonly string[]) =>
      prisma.violation.findMany({ where: { tenant, id: { in: [...ids] } } }),
    /** Worst first is for clients to sort; here in the order in which they were found. */
    findViolationsOfScans: (reader: Reader, scanIds: readonly string[]) =>
      prisma.violation.findMany({
        where: { tenant: reader.tenant, ...isVisible(reader, "Violation"), scanId: { in: [...scanIds] } },
        orderBy: [{ detectedAt: "asc" }, { id: "asc" }],
      }),
    countOpenViolationsOfControls: (reader: Reader, controlIds: readonly string[], now: Date) =>
      prisma.violation.groupBy({
        by: "controlId",
        where: {
          tenant: reader.tenant,
          ...isVisible(reader, "Violation"),
          controlId: { in: [...controlIds] },
          ...isUnresolved(now),
        },
        _count: true,
      }),
    countOpenViolationsInRegions: (reader: Reader, regionCodes: readonly string[], now: Date) =>
      prisma.violation.groupBy({
        by: "regionCode",
        where: {
          tenant: reader.tenant,
          ...isVisible(reader, "Violation"),
          regionCode: { in: [...regionCodes] },
          ...isUnresolved(now),
        },
        _count: true,
      }),
    /** The violation as it is once nobody else changes it; null when there is none with this id that the reader may see. */
    lockViolation: async (reader: Reader, id: string): Promise<Violation | null> => {
      await prisma.$executeRaw`SELECT id FROM compliance.violation WHERE id = ${id}::uuid FOR UPDATE`;
      return prisma.violation.findFirst({
        where: { tenant: reader.tenant, ...isVisible(reader, "Violation"), id },
      });
    },
    updateViolation: (id: string, change: ViolationChange) =>
      prisma.violation.update({ where: { id }, data: change }),

    /** First to last. */
    findRemediationsOfViolations: (tenant: string, violationIds: readonly string[]) =>
      prisma.remediation.findMany({
        where: { tenant, violationId: { in: [...violationIds] } },
        orderBy: [{ startedAt: "asc" }, { id: "asc" }],
      }),
    findRemediationsById: (tenant: string, ids: readonly string[]) =>
      prisma.remediation.findMany({ where: { tenant, id: { in: [...ids] } } }),
    insertRemediation: (remediation: NewRemediation) => prisma.remediation.create({ data: remediation }),
  };
}

export type ViolationChange = {
  readonly status: ViolationStatus;
  readonly waivedUntil: Date | null;
  readonly waiverReason: string | null;
};

export type NewRemediation = {
  readonly id: string;
  readonly tenant: string;
  readonly violationId: string;
  readonly action: string;
  readonly status: "RUNNING";
  readonly startedAt: Date;
};

/** What collectors and jobs left on record. */
function createRecordQueries(prisma: Prisma.TransactionClient) {
  return {
    /** Newest first. */
    findEvidence: (reader: Reader, take: number, controlId?: string) =>
      prisma.evidence.findMany({
        where: {
          tenant: reader.tenant,
          ...isVisible(reader, "Evidence"),
          ...(controlId === undefined ? {} : { controlId }),
        },
        orderBy: [{ collectedAt: "desc" }, { id: "desc" }],
        take,
      }),
    findEvidenceById: (tenant: string, ids: readonly string[]) =>
      prisma.evidence.findMany({ where: { tenant, id: { in: [...ids] } } }),
    /** First step to last; assessments of `public` are everybody's. */
    findLineageOfAssessments: (tenant: string, assessmentIds: readonly string[]) =>
      prisma.lineageStep.findMany({
        where: { tenant: { in: [tenant, "public"] }, assessmentId: { in: [...assessmentIds] } },
        orderBy: { position: "asc" },
      }),
  };
}

function createErasureQueries(prisma: Prisma.TransactionClient) {
  return {
    /** Newest first. */
    findErasuresOfSubjects: (tenant: string, subjectIds: readonly string[]) =>
      prisma.erasureRequest.findMany({
        where: { tenant, subjectId: { in: [...subjectIds] } },
        orderBy: [{ requestedAt: "desc" }, { id: "desc" }],
      }),
    findErasuresById: (tenant: string, ids: readonly string[]) =>
      prisma.erasureRequest.findMany({ where: { tenant, id: { in: [...ids] } } }),
    /** Two requests for one person wait for each other, so that the second finds the first. */
    lockErasuresOfSubject: async (tenant: string, subjectId: string): Promise<void> => {
      await prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`erasure|${tenant}|${subjectId}`}, 0))`;
    },
    insertErasure: (request: NewErasure) => prisma.erasureRequest.create({ data: request }),
  };
}

export type NewErasure = {
  readonly id: string;
  readonly tenant: string;
  readonly residency: string;
  readonly subjectId: string;
  readonly status: "REQUESTED";
  readonly requestedAt: Date;
  readonly dueAt: Date;
};

/** As far as policies let the reader see rows of this type. */
function isVisible(reader: Reader, type: "Violation" | "Evidence"): Where {
  return toWhere(reader, type, { residency: residencyField });
}

/** `currentStatus` (domain/violationState.ts) in SQL: a waiver that ran out leaves the violation open. */
function hasStatus(now: Date, status?: ViolationStatus): Prisma.ViolationWhereInput {
  if (status === undefined) return {};
  if (status === "OPEN") return { OR: [{ status }, hasExpiredWaiver(now)] };
  return status === "WAIVED" ? { status, waivedUntil: { gt: now } } : { status };
}

/** Neither closed nor waived. */
function isUnresolved(now: Date): Prisma.ViolationWhereInput {
  return { OR: [{ status: { in: ["OPEN", "IN_REMEDIATION"] } }, hasExpiredWaiver(now)] };
}

function hasExpiredWaiver(now: Date): Prisma.ViolationWhereInput {
  return { status: "WAIVED", waivedUntil: { lte: now } };
}

function beforeDetection([detectedAt = "", id = ""]: readonly string[]): Prisma.ViolationWhereInput {
  return { OR: [{ detectedAt: { lt: detectedAt } }, { detectedAt, id: { lt: id } }] };
}
