/** Queries on risk assessments, their revisions and the computations behind them. */
import { type FusionResult, Prisma, type RiskAssessment } from "../../../prisma/generated/client.ts";
import type { Reader } from "../../shared/filters/rowFilter.ts";
import type { PageRequest } from "../../shared/page.ts";
import type { FusionSignal } from "../domain/fusion/countOnce.ts";
import type { OriginFields } from "../domain/fusion/originOf.ts";
import type { Domain } from "../domain/fusionContributions.ts";
import { isListed, isListedFor, isVisible } from "./sql.ts";

export type AssessmentFilter = { readonly country?: string; readonly minScore?: number };

export type CountryEvidence = Omit<FusionSignal, "origin"> & OriginFields & { readonly countryCode: string };

export function createAssessmentQueries(prisma: Prisma.TransactionClient) {
  return {
    findAssessmentsById: (tenant: string, ids: readonly string[]): Promise<RiskAssessment[]> =>
      prisma.riskAssessment.findMany({ where: { id: { in: [...ids] }, tenant: { in: [tenant, "public"] } } }),

    findAssessments: (
      reader: Reader,
      filter: AssessmentFilter,
      page: PageRequest,
    ): Promise<RiskAssessment[]> =>
      prisma.$queryRaw<RiskAssessment[]>`
        SELECT ${columns} FROM intelligence.risk_assessment a
        WHERE ${matches(reader, filter)} AND ${comesAfter(page.after)}
        ORDER BY a.score DESC, a.id DESC LIMIT ${page.take}`,

    countAssessments: async (reader: Reader, filter: AssessmentFilter): Promise<number> => {
      const rows = await prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM intelligence.risk_assessment a WHERE ${matches(reader, filter)}`;
      return rows[0]?.count ?? 0;
    },

    /** The newest assessment of each country that has a computation behind it. */
    findComputedAssessmentsOfCountries: (
      tenant: string,
      countries: readonly string[],
    ): Promise<RiskAssessment[]> =>
      prisma.riskAssessment.findMany({
        where: {
          countryCode: { in: [...countries] },
          tenant: { in: [tenant, "public"] },
          fusionResultId: { not: null },
        },
        orderBy: [{ countryCode: "asc" }, { updatedAt: "desc" }, { id: "desc" }],
        distinct: ["countryCode"],
      }),

    findRevisions: (assessmentIds: readonly string[]) =>
      prisma.riskRevision.findMany({
        where: { assessmentId: { in: [...assessmentIds] } },
        orderBy: { revision: "desc" },
      }),

    findFusionResultsById: (tenant: string, ids: readonly string[]): Promise<FusionResult[]> =>
      prisma.fusionResult.findMany({ where: { id: { in: [...ids] }, tenant: { in: [tenant, "public"] } } }),

    /**
     * The row of the tenant's own that the reader may see, held until the transaction ends, so that revisions are counted one by one. The id
     * is locked too: of a row that is not there yet, only one transaction may find that out.
     */
    lockAssessment: async (reader: Reader, id: string): Promise<RiskAssessment | null> => {
      await prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`assessment|${id}`}, 0))`;
      const rows = await prisma.$queryRaw<RiskAssessment[]>`
        SELECT ${columns} FROM intelligence.risk_assessment a
        WHERE a.id = ${id}::uuid AND a.tenant = ${reader.tenant}
          AND ${isVisible("a", reader, "RiskAssessment")} FOR UPDATE`;
      return rows[0] ?? null;
    },

    insertAssessment: async (assessment: RiskAssessment): Promise<void> => {
      await prisma.riskAssessment.create({ data: assessment });
    },

    /** Keeps `earlier` as a revision and puts `next` in its place. */
    replaceAssessment: async (earlier: RiskAssessment, next: RiskAssessment): Promise<void> => {
      const { id, revision, score, rationale, updatedAt } = earlier;
      await prisma.riskRevision.create({
        data: { assessmentId: id, revision, score, rationale, writtenAt: updatedAt },
      });
      await prisma.riskAssessment.update({ where: { id }, data: next });
    },

    /**
     * What risks of countries are computed from: of each country and domain the newest signals, at most `signalsMax`.
     * A source that is not registered cannot be judged: F. Only signals that whoever may read the result may read too:
     * a score, a count and a rationale tell of what they are computed from.
     */
    findEvidence: (tenant: string, signalsMax: number): Promise<CountryEvidence[]> =>
      prisma.$queryRaw<CountryEvidence[]>`
        SELECT s.id, s."countryCode", s.domain, s.severity, s.confidence, s."observedAt", s.url, s."sourceCode",
               s."sourceId", coalesce(source.reliability, 'F') AS reliability
        FROM (
          SELECT s.id, s.country_code AS "countryCode", s.domain, s.severity, s.confidence, s.observed_at AS "observedAt",
                 s.url, s.source_code AS "sourceCode", s.source_id AS "sourceId",
                 row_number() OVER (PARTITION BY s.country_code, s.domain ORDER BY s.observed_at DESC, s.id DESC) AS place
          FROM intelligence.signal s
          WHERE s.country_code IS NOT NULL AND s.marking IN ('CLEAR', ${computedMarking}) AND s.residency = 'global'
            AND ${isListed("s", tenant)}
        ) s LEFT JOIN intelligence.source source ON source.code = s."sourceCode"
        WHERE s.place <= ${signalsMax}
        ORDER BY s."countryCode"`,

    /** As findEvidence, of one country, and only what policies let the reader see. */
    findEvidenceOfCountry: (
      reader: Reader,
      country: string,
      domains: readonly Domain[],
      signalsMax: number,
    ): Promise<CountryEvidence[]> =>
      prisma.$queryRaw<CountryEvidence[]>`
        SELECT s.id, s.country_code AS "countryCode", s.domain, s.severity, s.confidence, s.observed_at AS "observedAt",
               s.url, s.source_code AS "sourceCode", s.source_id AS "sourceId",
               coalesce(source.reliability, 'F') AS reliability
        FROM unnest(${[...domains]}::text[]) AS asked (domain)
        CROSS JOIN LATERAL (
          SELECT * FROM intelligence.signal s
          WHERE s.country_code = ${country} AND s.domain = asked.domain AND ${isListedFor("s", reader)}
          ORDER BY s.observed_at DESC, s.id DESC LIMIT ${signalsMax}
        ) s
        LEFT JOIN intelligence.source source ON source.code = s.source_code`,

    /** The newest signal of each domain, from anywhere. */
    findNewestOfDomains: (
      reader: Reader,
      domains: readonly Domain[],
    ): Promise<{ readonly domain: Domain; readonly observedAt: Date }[]> =>
      prisma.$queryRaw<{ readonly domain: Domain; readonly observedAt: Date }[]>`
        SELECT asked.domain, s.observed_at AS "observedAt"
        FROM unnest(${[...domains]}::text[]) AS asked (domain)
        CROSS JOIN LATERAL (
          SELECT s.observed_at FROM intelligence.signal s
          WHERE s.domain = asked.domain AND ${isListedFor("s", reader)}
          ORDER BY s.observed_at DESC LIMIT 1
        ) s`,

    storeFusionResult: async (result: Prisma.FusionResultCreateInput): Promise<void> => {
      await prisma.fusionResult.upsert({ where: { id: result.id }, create: result, update: result });
    },
  };
}

/** Of every assessment that is computed, which is global. */
export const computedMarking = "GREEN";

const columns = Prisma.raw(
  [
    'a.id, a.tenant, a.residency, a.title, a.country_code AS "countryCode", a.score',
    'a.horizon_days AS "horizonDays", a.rationale, a.marking, a.author_id AS "authorId"',
    'a.author_residency AS "authorResidency", a.fusion_result_id AS "fusionResultId", a.revision',
    'a.created_at AS "createdAt", a.updated_at AS "updatedAt"',
  ].join(", "),
);

function matches(reader: Reader, { country, minScore }: AssessmentFilter): Prisma.Sql {
  const conditions = [isVisible("a", reader, "RiskAssessment")];
  if (country !== undefined) conditions.push(Prisma.sql`a.country_code = ${country}`);
  if (minScore !== undefined) conditions.push(Prisma.sql`a.score >= ${minScore}::float8`);
  return Prisma.join(conditions, " AND ");
}

function comesAfter(key: PageRequest["after"]): Prisma.Sql {
  if (key === null) return Prisma.sql`true`;
  return Prisma.sql`(a.score, a.id) < (${key[0]}::float8, ${key[1]}::uuid)`;
}
