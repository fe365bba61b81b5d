/** Every query of this subgraph, named by intent; the only file here that knows Prisma. */
import { z } from "zod";
import { Prisma } from "../../prisma/generated/client.ts";
import { residencyField } from "../shared/filters/filterFields.ts";
import type { Reader } from "../shared/filters/rowFilter.ts";
import { toSql } from "../shared/filters/toSql.ts";
import type { PageRequest } from "../shared/page.ts";
import { type DatabaseOptions, openPrisma } from "../shared/prisma.ts";
import { createWriteOnce } from "../shared/writeOnce.ts";
import { createFailoverQueries } from "./db/failover.ts";
import { createReplicationQueries } from "./db/replication.ts";
import type { Judgement } from "./domain/failover/judgeRegion.ts";
import type { NewConsent } from "./domain/recordConsent.ts";
import type { NewResidencyPreference } from "./domain/setDataResidency.ts";

export type Db = ReturnType<typeof openDb>;

export function openDb(options: DatabaseOptions) {
  const prisma = openPrisma(options);
  return {
    ...createQueries(prisma),
    checkReady: async (): Promise<void> => {
      await prisma.region.findFirst({ select: { id: true } });
    },
    close: () => prisma.$disconnect(),
    /** Puts a judgement on record with its event; refused where this region does not lead in `term` any more. */
    judge: async (region: string, term: number, judgement: Judgement, now: Date): Promise<void> => {
      await prisma.$transaction(async (tx) => {
        const queries = createQueries(tx);
        await queries.lead(term);
        await queries.writeJudgement(region, term, judgement, now);
      });
    },
    writeOnce: createWriteOnce(prisma, { answersOf: (tx) => tx.regionsIdempotency, createQueries }),
  };
}

export type Queries = ReturnType<typeof createQueries>;

function createQueries(prisma: Prisma.TransactionClient) {
  return {
    ...createReplicationQueries(prisma),
    ...createFailoverQueries(prisma),
    findRegions: () => prisma.region.findMany({ orderBy: { position: "asc" } }),
    findRegionsByCode: (codes: readonly string[]) =>
      prisma.region.findMany({ where: { code: { in: [...codes] } } }),
    findRegionsById: (ids: readonly string[]) => prisma.region.findMany({ where: { id: { in: [...ids] } } }),

    findJurisdictions: () => prisma.jurisdiction.findMany({ orderBy: { position: "asc" } }),
    findJurisdictionsByCode: (codes: readonly string[]) =>
      prisma.jurisdiction.findMany({ where: { code: { in: [...codes] } } }),
    findJurisdictionsById: (ids: readonly string[]) =>
      prisma.jurisdiction.findMany({ where: { id: { in: [...ids] } } }),

    findCountriesByCode: (codes: readonly string[]) =>
      prisma.country.findMany({ where: { code: { in: [...codes] } } }),
    findCountriesById: (ids: readonly string[]) =>
      prisma.country.findMany({ where: { id: { in: [...ids] } } }),
    findCountries: (page: PageRequest, jurisdictionCode?: string) =>
      prisma.country.findMany({
        where: {
          ...(jurisdictionCode === undefined ? {} : { jurisdictionCode }),
          ...(page.after?.[0] === undefined ? {} : { code: { gt: page.after[0] } }),
        },
        orderBy: { code: "asc" },
        take: page.take,
      }),
    /** At most a page of each, in order of their codes. */
    findCountriesOfJurisdictions: async (
      jurisdictionCodes: readonly string[],
      { take, after }: PageRequest,
    ) => {
      const ids = rowIds.parse(
        await prisma.$queryRaw`
          SELECT country.id
          FROM unnest(${[...jurisdictionCodes]}::text[]) AS jurisdiction (code) CROSS JOIN LATERAL (
            SELECT id FROM regions.country
            WHERE jurisdiction_code = jurisdiction.code AND country.code > ${after?.[0] ?? ""}
            ORDER BY country.code LIMIT ${take}::int
          ) AS country`,
      );
      return prisma.country.findMany({
        where: { id: { in: ids.map(({ id }) => id) } },
        orderBy: { code: "asc" },
      });
    },
    countCountriesOfJurisdictions: (jurisdictionCodes: readonly string[]) =>
      prisma.country.groupBy({
        by: "jurisdictionCode",
        where: { jurisdictionCode: { in: [...jurisdictionCodes] } },
        _count: true,
      }),
    countCountries: (jurisdictionCode?: string) =>
      prisma.country.count({ where: jurisdictionCode === undefined ? {} : { jurisdictionCode } }),

    findAccount: (tenant: string, subject: string) =>
      prisma.account.findUnique({ where: { tenant_subject: { tenant, subject } } }),
    findAccounts: (tenant: string, ids: readonly string[]) =>
      prisma.account.findMany({ where: { tenant, id: { in: [...ids] } } }),

    findDataSubjectsById: (tenant: string, ids: readonly string[]) =>
      prisma.dataSubject.findMany({ where: { tenant, id: { in: [...ids] } } }),
    /** As in lists: what the reader may not see does not leave this region, whoever asked for it by its id. */
    findVisibleDataSubjects: async (reader: SubjectReader, ids: readonly string[]) => {
      const visible = rowIds.parse(
        await prisma.$queryRaw`
          SELECT subject.id FROM regions.data_subject AS subject
          WHERE subject.id = ANY (${[...ids]}::uuid[]) AND ${isVisible(reader)}`,
      );
      return prisma.dataSubject.findMany({ where: { id: { in: visible.map(({ id }) => id) } } });
    },
    /** Versions are counted while nobody else counts them for the same person. */
    lockDataSubject: async (id: string): Promise<void> => {
      await prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`data-subject|${id}`}, 0))`;
    },
    findDataSubjects: async (reader: SubjectReader, { take, after }: PageRequest) => {
      const ids = rowIds.parse(
        await prisma.$queryRaw`
          SELECT subject.id FROM regions.data_subject AS subject
          WHERE ${isVisible(reader)} AND ${comesAfter(after)}
          ORDER BY subject.created_at, subject.id LIMIT ${take}::int`,
      );
      return prisma.dataSubject.findMany({
        where: { id: { in: ids.map(({ id }) => id) } },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      });
    },
    countDataSubjects: async (reader: SubjectReader): Promise<number> => {
      const rows = await prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM regions.data_subject AS subject WHERE ${isVisible(reader)}`;
      return rows[0]?.count ?? 0;
    },

    /** Newest first, of all purposes. */
    findConsents: (subjectIds: readonly string[]) =>
      prisma.consent.findMany({
        where: { subjectId: { in: [...subjectIds] } },
        orderBy: [{ recordedAt: "desc" }, { version: "desc" }],
      }),
    findConsentsById: (tenant: string, ids: readonly string[]) =>
      prisma.consent.findMany({ where: { tenant, id: { in: [...ids] } } }),
    insertConsent: (consent: NewConsent) => prisma.consent.create({ data: consent }),

    /** Newest version first, of all types of data. */
    findResidencyPreferences: (subjectIds: readonly string[]) =>
      prisma.residencyPreference.findMany({
        where: { subjectId: { in: [...subjectIds] } },
        orderBy: { version: "desc" },
      }),
    findResidencyPreferencesById: (tenant: string, ids: readonly string[]) =>
      prisma.residencyPreference.findMany({ where: { tenant, id: { in: [...ids] } } }),
    insertResidencyPreference: (preference: NewResidencyPreference) =>
      prisma.residencyPreference.create({ data: preference }),

    findReplicationLinksFrom: (regionCodes: readonly string[]) =>
      prisma.replicationLink.findMany({
        where: { fromRegionCode: { in: [...regionCodes] } },
        orderBy: { toRegionCode: "asc" },
      }),
    findReplicationLinksById: (ids: readonly string[]) =>
      prisma.replicationLink.findMany({ where: { id: { in: [...ids] } } }),
    findFailoverEvents: (take: number) =>
      prisma.failoverEvent.findMany({ orderBy: { startedAt: "desc" }, take }),
    findFailoverEventsById: (ids: readonly string[]) =>
      prisma.failoverEvent.findMany({ where: { id: { in: [...ids] } } }),

    seed: async (rows: SeedRows): Promise<void> => {
      await prisma.jurisdiction.createMany({ data: rows.jurisdictions, skipDuplicates: true });
      await prisma.region.createMany({ data: rows.regions, skipDuplicates: true });
      await prisma.country.createMany({ data: rows.countries, skipDuplicates: true });
      await prisma.account.createMany({ data: rows.accounts, skipDuplicates: true });
      await prisma.dataSubject.createMany({ data: rows.dataSubjects, skipDuplicates: true });
      await prisma.consent.createMany({ data: rows.consents, skipDuplicates: true });
      await prisma.replicationLink.createMany({ data: rows.replicationLinks, skipDuplicates: true });
    },
  };
}

const rowIds = z.array(z.object({ id: z.uuid() }));

export type SeedRows = {
  readonly jurisdictions: Prisma.JurisdictionCreateManyInput[];
  readonly regions: Prisma.RegionCreateManyInput[];
  readonly countries: Prisma.CountryCreateManyInput[];
  readonly accounts: Prisma.AccountCreateManyInput[];
  readonly dataSubjects: Prisma.DataSubjectCreateManyInput[];
  readonly consents: Prisma.ConsentCreateManyInput[];
  readonly replicationLinks: Prisma.ReplicationLinkCreateManyInput[];
};

function comesAfter(key: PageRequest["after"]): Prisma.Sql {
  if (key === null) return Prisma.sql`true`;
  return Prisma.sql`(subject.created_at, subject.id) > (${key[0]}::timestamptz, ${key[1]}::uuid)`;
}

/** Whose consents are asked about depends on what the reader wants the data for. */
export type SubjectReader = Reader & { readonly purpose: string | null };

/** Rows of the tenant, as far as policies let the reader see them. */
function isVisible(reader: SubjectReader): Prisma.Sql {
  const filter = toSql(reader, {
    type: "DataSubject",
    alias: "subject",
    fields: { residency: residencyField },
    predicates: { consent: hasLiveConsent(reader.purpose ?? "") },
  });
  return Prisma.sql`subject.tenant = ${reader.tenant} AND ${filter}`;
}

/** `isConsentLive` (domain/recordConsent.ts) in SQL; of two decisions of one version the stricter is the later. */
function hasLiveConsent(purpose: string): Prisma.Sql {
  return Prisma.sql`(
    SELECT bool_or(said.decision = 'GRANTED') AND NOT bool_or(said.decision = 'REFUSED')
    FROM regions.consent AS said
    WHERE said.subject_id = subject.id AND said.purpose = ${purpose} AND NOT EXISTS (
      SELECT FROM regions.consent AS withdrawal
      WHERE withdrawal.subject_id = subject.id AND withdrawal.purpose = ${purpose}
        AND withdrawal.decision = 'WITHDRAWN'
        AND (withdrawal.version > said.version OR (withdrawal.version = said.version AND said.decision <> 'REFUSED'))
    )
  ) IS TRUE`;
}
