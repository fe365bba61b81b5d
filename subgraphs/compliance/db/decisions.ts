/** The record of decisions: what gateways told, and what people ask of it. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";
import type { PageRequest } from "../../shared/page.ts";

export type ChainState = {
  readonly id: string;
  readonly regionCode: string;
  readonly startedAt: Date;
  readonly lastSeq: bigint;
  readonly lastHash: string;
  readonly lastAt: Date;
  readonly endedAt: Date | null;
};

export type DecisionRows = {
  readonly chain: ChainState;
  readonly entries: readonly { readonly seq: number; readonly entry: string; readonly hash: string }[];
  readonly records: readonly Prisma.DecisionRecordCreateManyInput[];
  readonly questions: readonly Prisma.DecisionQuestionCreateManyInput[];
  readonly bundles: readonly Prisma.PolicyBundleCreateManyInput[];
  readonly gaps: readonly Prisma.DecisionGapCreateManyInput[];
};

export type DecisionFilter = {
  readonly outcomes?: readonly string[] | undefined;
  readonly coordinate?: string | undefined;
  readonly reason?: string | undefined;
  readonly operationName?: string | undefined;
  readonly bundleDigest?: string | undefined;
  readonly subjectHash?: string | undefined;
  readonly crossesJurisdiction?: boolean | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
};

export function createDecisionQueries(prisma: Prisma.TransactionClient) {
  return {
    /** The chain as it is once nobody else adds to it; null for one that is new. */
    lockChain: async (id: string): Promise<ChainState | null> => {
      await prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`decisions|${id}`}, 0))`;
      return prisma.decisionChain.findUnique({ where: { id } });
    },

    /** What is there already stays as it is. */
    insertDecisions: async ({ chain, entries, records, questions, bundles, gaps }: DecisionRows) => {
      const { id, ...state } = chain;
      await prisma.decisionChain.upsert({ where: { id }, create: { id, ...state }, update: state });
      await prisma.policyBundle.createMany({ data: [...bundles], skipDuplicates: true });
      await prisma.decisionQuestion.createMany({ data: [...questions], skipDuplicates: true });
      await prisma.decisionGap.createMany({ data: [...gaps], skipDuplicates: true });
      // One parameter for hundreds of rows: Prisma's createMany has one for each value.
      await prisma.$executeRaw`
        INSERT INTO compliance.decision_entry (chain_id, seq, entry, hash)
        SELECT ${id}::uuid, seq, entry, hash
        FROM jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) AS e (seq bigint, entry text, hash text)
        ON CONFLICT DO NOTHING`;
      await prisma.$executeRaw`
        INSERT INTO compliance.decision_record (
          decision_id, sequence, question, tenant, bundle_digest, bundle_revision, input_hash, outcome, denied, reasons,
          decided_at, question_id, subject_hash, region_code, operation_id, operation_kind, operation_name,
          crosses_jurisdiction, reused, latency_us, chain_id, seq)
        SELECT "decisionId", sequence, question, tenant, "bundleDigest", "bundleRevision", "inputHash", outcome, denied,
          reasons, "decidedAt", "questionId", "subjectHash", "regionCode", "operationId", "operationKind",
          "operationName", "crossesJurisdiction", reused, "latencyUs", "chainId", seq
        FROM jsonb_to_recordset(${JSON.stringify(records)}::jsonb) AS r (
          "decisionId" text, sequence integer, question text, tenant text, "bundleDigest" text, "bundleRevision" text,
          "inputHash" text, outcome text, denied text[], reasons text[], "decidedAt" timestamptz, "questionId" text,
          "subjectHash" text, "regionCode" text, "operationId" text, "operationKind" text, "operationName" text,
          "crossesJurisdiction" boolean, reused boolean, "latencyUs" integer, "chainId" uuid, seq bigint)
        ON CONFLICT DO NOTHING`;
    },

    /** Newest first; of the decisions with one id the first. */
    findDecisions: (tenant: string, { take, after }: PageRequest, filter: DecisionFilter) =>
      prisma.decisionRecord.findMany({
        where: { AND: [toWhere(tenant, filter), after ? beforeDecision(after) : {}] },
        orderBy: [{ decidedAt: "desc" }, { decisionId: "desc" }, { sequence: "desc" }, { seq: "desc" }],
        take,
      }),
    countDecisions: (tenant: string, filter: DecisionFilter) =>
      prisma.decisionRecord.count({ where: toWhere(tenant, filter) }),
    /** Each with all that was decided for its operation, in that order. */
    findDecisionsById: (tenant: string, decisionIds: readonly string[]) =>
      prisma.decisionRecord.findMany({
        where: { tenant, decisionId: { in: [...decisionIds] } },
        orderBy: [{ sequence: "asc" }, { seq: "asc" }],
      }),
    findDecisionQuestions: (ids: readonly string[]) =>
      prisma.decisionQuestion.findMany({ where: { id: { in: [...ids] } } }),
    findPolicyBundle: (digest: string) => prisma.policyBundle.findUnique({ where: { digest } }),
    findPolicyRevisions: (digests: readonly string[]) =>
      prisma.policyBundle.findMany({
        where: { digest: { in: [...digests] } },
        select: { digest: true, revision: true, keptAt: true },
      }),

    /** Newest first. */
    findDecisionChains: (take: number) =>
      prisma.decisionChain.findMany({ orderBy: [{ startedAt: "desc" }, { id: "desc" }], take }),
    findDecisionChainsById: (ids: readonly string[]) =>
      prisma.decisionChain.findMany({ where: { id: { in: [...ids] } } }),
    /** Unended ones of which nothing was heard since then, unless that is on record already. */
    findSilentChains: async (since: Date) =>
      silentChains.parse(
        await prisma.$queryRaw`
          SELECT c.id FROM compliance.decision_chain c
          WHERE c.ended_at IS NULL AND c.last_at < ${since} AND NOT EXISTS (
            SELECT FROM compliance.decision_gap g WHERE g.chain_id = c.id AND g.reason = 'NOT_ENDED')
          ORDER BY c.last_at LIMIT 1000`,
      ),
    insertGap: (gap: Prisma.DecisionGapCreateManyInput) =>
      prisma.decisionGap.createMany({ data: [gap], skipDuplicates: true }),
    countGaps: async () =>
      countedGaps.parse(
        await prisma.$queryRaw`
          SELECT reason, count(*)::int AS count, sum(decisions)::double precision AS decisions
          FROM compliance.decision_gap GROUP BY reason`,
      ),
    /** By skips along the index: there are few tenants and many decisions (https://wiki.postgresql.org/wiki/Loose_indexscan). */
    findRecordedTenants: async () =>
      recordedTenants.parse(
        await prisma.$queryRaw`
          WITH RECURSIVE recorded AS (
            (SELECT tenant FROM compliance.decision_record ORDER BY tenant LIMIT 1)
            UNION ALL
            SELECT (SELECT tenant FROM compliance.decision_record WHERE tenant > recorded.tenant ORDER BY tenant LIMIT 1)
            FROM recorded WHERE recorded.tenant IS NOT NULL)
          SELECT tenant FROM recorded WHERE tenant IS NOT NULL AND tenant <> 'public'`,
      ),
    /** In the order of the chain. */
    findDecisionGaps: (chainIds: readonly string[]) =>
      prisma.decisionGap.findMany({
        where: { chainId: { in: [...chainIds] } },
        orderBy: [{ seq: "asc" }, { reason: "asc" }],
      }),
    findDecisionEntries: (chainId: string, afterSeq: bigint, take: number) =>
      prisma.decisionEntry.findMany({
        where: { chainId, seq: { gt: afterSeq } },
        orderBy: { seq: "asc" },
        take,
      }),
    /** Positions whose row for look-ups does not say what the entry says, or is not there; so many at most. */
    findDifferingRecords: async (chainId: string, take: number) =>
      differing.parse(
        await prisma.$queryRaw`
          SELECT e.seq FROM compliance.decision_entry e
          LEFT JOIN compliance.decision_record r ON r.decision_id = e.entry::jsonb ->> 'id'
            AND r.sequence = (e.entry::jsonb ->> 'sequence')::integer
            AND r.question = upper(e.entry::jsonb ->> 'question') AND r.seq = e.seq
          WHERE e.chain_id = ${chainId}::uuid AND e.entry::jsonb ->> 'kind' = 'decision' AND (
            r.seq IS DISTINCT FROM e.seq OR r.chain_id IS DISTINCT FROM e.chain_id
            OR r.outcome IS DISTINCT FROM upper(replace(e.entry::jsonb ->> 'outcome', '-', '_'))
            OR r.tenant IS DISTINCT FROM e.entry::jsonb ->> 'tenant'
            OR r.question_id IS DISTINCT FROM e.entry::jsonb ->> 'questionId'
            OR r.bundle_digest IS DISTINCT FROM e.entry::jsonb -> 'bundle' ->> 'digest')
          ORDER BY e.seq LIMIT ${take}`,
      ),
  };
}

const silentChains = z.array(z.object({ id: z.uuid() }));
const countedGaps = z.array(z.object({ reason: z.string(), count: z.int(), decisions: z.number() }));
const recordedTenants = z.array(z.object({ tenant: z.string() }));
const differing = z.array(z.object({ seq: z.bigint() }));

function toWhere(tenant: string, filter: DecisionFilter): Prisma.DecisionRecordWhereInput {
  const { outcomes, coordinate, reason, operationName, bundleDigest, subjectHash } = filter;
  const { crossesJurisdiction, since, until } = filter;
  return {
    tenant,
    ...(outcomes && { outcome: { in: [...outcomes] } }),
    ...(coordinate !== undefined && { denied: { has: coordinate } }),
    ...(reason !== undefined && { reasons: { has: reason } }),
    ...(operationName !== undefined && { operationName }),
    ...(bundleDigest !== undefined && { bundleDigest }),
    ...(subjectHash !== undefined && { subjectHash }),
    ...(crossesJurisdiction !== undefined && { crossesJurisdiction }),
    ...((since ?? until) && { decidedAt: { ...(since && { gte: since }), ...(until && { lt: until }) } }),
  };
}

function beforeDecision([
  decidedAt = "",
  decisionId = "",
  sequence = "",
  seq = "",
]: readonly string[]): Prisma.DecisionRecordWhereInput {
  const place = { decidedAt, decisionId, sequence: Number(sequence) };
  return {
    OR: [
      { decidedAt: { lt: decidedAt } },
      { decidedAt, decisionId: { lt: decisionId } },
      { decidedAt, decisionId, sequence: { lt: place.sequence } },
      { ...place, seq: { lt: BigInt(seq) } },
    ],
  };
}
