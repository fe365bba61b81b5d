/** Queries on series of measured values. */
import type { Indicator, Observation, Prisma } from "../../../prisma/generated/client.ts";
import type { WithParent } from "./sql.ts";

export function createIndicatorQueries(prisma: Prisma.TransactionClient) {
  return {
    findIndicators: (take: number, countryCode?: string): Promise<Indicator[]> =>
      prisma.indicator.findMany({
        where: countryCode === undefined ? {} : { countryCode },
        orderBy: { code: "asc" },
        take,
      }),
    findIndicatorsByCode: (codes: readonly string[]) =>
      prisma.indicator.findMany({ where: { code: { in: [...codes] } } }),
    findObservations: (indicatorCodes: readonly string[], take: number): Promise<WithParent<Observation>[]> =>
      prisma.$queryRaw<WithParent<Observation>[]>`
        SELECT asked.code AS parent, o.indicator_code AS "indicatorCode", o.period, o.value, o.updated_at AS "updatedAt"
        FROM unnest(${[...indicatorCodes]}::text[]) AS asked (code)
        CROSS JOIN LATERAL (
          SELECT * FROM intelligence.observation o
          WHERE o.indicator_code = asked.code ORDER BY o.period DESC LIMIT ${take}
        ) o
        ORDER BY o.period DESC`,
  };
}
