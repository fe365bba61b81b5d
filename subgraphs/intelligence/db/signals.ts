/** Queries on signals. A filter becomes SQL in one place, whether one list is asked for or one for each of many parents. */
import { Prisma, type Signal } from "../../../prisma/generated/client.ts";
import type { Reader } from "../../shared/filters/rowFilter.ts";
import type { PageRequest } from "../../shared/page.ts";
import type { SignalFilter } from "../domain/signalFilter.ts";
import { isListedFor, type WithParent } from "./sql.ts";

export type SignalQueries = ReturnType<typeof createSignalQueries>;

export function createSignalQueries(prisma: Prisma.TransactionClient) {
  return {
    findSignalsById: (tenant: string, ids: readonly string[]): Promise<Signal[]> =>
      prisma.signal.findMany({ where: { id: { in: [...ids] }, tenant: { in: [tenant, "public"] } } }),

    /** For events: whoever asks must already have compared the tenant of each. */
    findSignalsOfAnyTenant: (ids: readonly string[]): Promise<Signal[]> =>
      prisma.signal.findMany({ where: { id: { in: [...ids] } } }),

    /** All that belong to everybody; the seed hands them on as the event log does later. */
    findPublicSignals: () =>
      prisma.signal.findMany({
        where: { tenant: "public", revoked: false },
        select: {
          id: true,
          residency: true,
          countryCode: true,
          domain: true,
          severity: true,
          observedAt: true,
        },
        orderBy: { id: "asc" },
      }),

    findSignals: (reader: Reader, filter: SignalFilter, page: PageRequest): Promise<Signal[]> =>
      prisma.$queryRaw<Signal[]>`
        SELECT ${columns} FROM intelligence.signal s
        WHERE ${matches(reader, filter)} AND ${comesAfter(page.after)}
        ORDER BY s.observed_at DESC, s.id DESC LIMIT ${page.take}`,

    countSignals: async (reader: Reader, filter: SignalFilter): Promise<number> => {
      const rows = await prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM intelligence.signal s WHERE ${matches(reader, filter)}`;
      return rows[0]?.count ?? 0;
    },

    /** A page for each of the countries in one statement. */
    findSignalsOfCountries: (
      reader: Reader,
      countries: readonly string[],
      filter: SignalFilter,
      page: PageRequest,
    ): Promise<WithParent<Signal>[]> =>
      prisma.$queryRaw<WithParent<Signal>[]>`
        SELECT asked.code AS parent, ${columns}
        FROM unnest(${[...countries]}::text[]) AS asked (code)
        CROSS JOIN LATERAL (
          SELECT * FROM intelligence.signal s
          WHERE s.country_code = asked.code AND ${matches(reader, filter)} AND ${comesAfter(page.after)}
          ORDER BY s.observed_at DESC, s.id DESC LIMIT ${page.take}
        ) s
        ORDER BY s.observed_at DESC, s.id DESC`,

    countSignalsOfCountries: (
      reader: Reader,
      countries: readonly string[],
      filter: SignalFilter,
    ): Promise<WithParent<{ count: number }>[]> =>
      prisma.$queryRaw<WithParent<{ count: number }>[]>`
        SELECT s.country_code AS parent, count(*)::int AS count FROM intelligence.signal s
        WHERE s.country_code = ANY (${[...countries]}::text[]) AND ${matches(reader, filter)}
        GROUP BY s.country_code`,

    findSignalsOfEntities: (
      reader: Reader,
      entityIds: readonly string[],
      take: number,
    ): Promise<WithParent<Signal>[]> =>
      prisma.$queryRaw<WithParent<Signal>[]>`
        SELECT asked.id AS parent, ${columns}
        FROM unnest(${[...entityIds]}::uuid[]) AS asked (id)
        CROSS JOIN LATERAL (
          SELECT s.* FROM intelligence.signal_entity link JOIN intelligence.signal s ON s.id = link.signal_id
          WHERE link.entity_id = asked.id AND ${isListedFor("s", reader)}
          ORDER BY s.observed_at DESC, s.id DESC LIMIT ${take}
        ) s
        ORDER BY s.observed_at DESC, s.id DESC`,

    insertSignal: async (signal: Prisma.SignalCreateInput): Promise<void> => {
      await prisma.signal.create({ data: signal });
    },
  };
}

const columns = Prisma.raw(
  [
    "s.id, s.tenant, s.residency, s.domain, s.kind, s.title, s.summary, s.severity, s.confidence, s.marking, s.url",
    's.source_code AS "sourceCode", s.source_id AS "sourceId", s.country_code AS "countryCode"',
    's.latitude, s.longitude, s.observed_at AS "observedAt", s.updated_at AS "updatedAt"',
    's.ingested_at AS "ingestedAt", s.ingest_region_code AS "ingestRegionCode", s.attributes, s.revoked',
  ].join(", "),
);

function matches(reader: Reader, filter: SignalFilter): Prisma.Sql {
  const { domains, countries, sources, minSeverity, observedFrom, observedBefore } = filter;
  const conditions = [isListedFor("s", reader)];
  if (domains !== undefined) conditions.push(Prisma.sql`s.domain = ANY (${[...domains]}::text[])`);
  if (countries !== undefined) conditions.push(Prisma.sql`s.country_code = ANY (${[...countries]}::text[])`);
  if (sources !== undefined) conditions.push(Prisma.sql`s.source_code = ANY (${[...sources]}::text[])`);
  if (minSeverity !== undefined) conditions.push(Prisma.sql`s.severity >= ${minSeverity}::float8`);
  if (observedFrom !== undefined) conditions.push(Prisma.sql`s.observed_at >= ${observedFrom}::timestamptz`);
  if (observedBefore !== undefined)
    conditions.push(Prisma.sql`s.observed_at < ${observedBefore}::timestamptz`);
  return Prisma.join(conditions, " AND ");
}

function comesAfter(key: PageRequest["after"]): Prisma.Sql {
  if (key === null) return Prisma.sql`true`;
  return Prisma.sql`(s.observed_at, s.id) < (${key[0]}::timestamptz, ${key[1]}::uuid)`;
}
