/** Queries on what the event log told of signals, and on the examples and windows that are built from it. */
import { z } from "zod";
import type { Prisma, PrismaClient } from "../../../prisma/generated/client.ts";
import type { ExampleRow } from "../domain/examples/toExampleRows.ts";

export type FactRow = {
  readonly id: string;
  readonly residency: string;
  readonly countryCode: string;
  readonly domain: string;
  readonly severity: number;
  readonly observedAt: Date;
};

const factRow = z.object({
  residency: z.string(),
  domain: z.string(),
  severity: z.number(),
  observedAt: z.date(),
});
const countryRow = z.object({
  countryCode: z.string(),
  staleFrom: z.date().nullable(),
  builtUntil: z.date().nullable(),
});
const windowRow = z.object({ countryCode: z.string(), asOf: z.date(), features: z.array(z.number()) });
export type CurrentWindow = z.infer<typeof windowRow>;

export type FactQueries = ReturnType<typeof createFactQueries>;

export function createFactQueries(prisma: Prisma.TransactionClient) {
  return {
    /** Of several about one signal the first counts: an insertion that comes after its own correction changes nothing. */
    insertFacts: async (facts: readonly FactRow[]): Promise<void> => {
      const inserted = await prisma.signalFact.createManyAndReturn({
        data: [...facts],
        skipDuplicates: true,
      });
      await markStale(prisma, inserted);
    },
    replaceFact: async (fact: FactRow): Promise<void> => {
      const earlier = await prisma.signalFact.findUnique({ where: { id: fact.id } });
      await prisma.signalFact.upsert({
        where: { id: fact.id },
        create: fact,
        update: { ...fact, gone: false },
      });
      await markStale(prisma, earlier ? [earlier, fact] : [fact]);
    },
    /** Keeps the id alone. */
    forgetFact: async (id: string, residency: string): Promise<void> => {
      const earlier = await prisma.signalFact.findUnique({ where: { id } });
      const nothing = { gone: true, countryCode: null, domain: null, severity: null, observedAt: null };
      await prisma.signalFact.upsert({
        where: { id },
        create: { id, residency, ...nothing },
        update: nothing,
      });
      if (earlier) await markStale(prisma, [earlier]);
    },

    /** A country whose examples are not what they should be by `until`, locked against others who build; null when none is. */
    takeStaleCountry: async (until: Date) => {
      const rows = await prisma.$queryRaw`
        SELECT country_code AS "countryCode", stale_from AS "staleFrom", built_until AS "builtUntil" /* atlas:background */
        FROM ml.country_window WHERE stale_from IS NOT NULL OR built_until < ${until}
        ORDER BY stale_from NULLS LAST, country_code LIMIT 1 FOR UPDATE SKIP LOCKED`;
      return countryRow.array().parse(rows)[0] ?? null;
    },
    findFacts: async (countryCode: string, from: Date) =>
      factRow.array().parse(
        await prisma.signalFact.findMany({
          where: { countryCode, gone: false, observedAt: { gte: from } },
          orderBy: [{ observedAt: "asc" }, { id: "asc" }],
          omit: { id: true, countryCode: true, gone: true },
        }),
      ),
    /** When a country was last heard of in a signal that every region may hold. */
    findLastGlobalFact: async (countryCode: string): Promise<Date | null> => {
      const where = { countryCode, residency: "global", gone: false };
      return (await prisma.signalFact.aggregate({ where, _max: { observedAt: true } }))._max.observedAt;
    },
    replaceExamples: async (
      dataset: string,
      subjectKey: string,
      from: Date,
      rows: readonly ExampleRow[],
    ): Promise<void> => {
      await prisma.trainingExample.deleteMany({ where: { dataset, subjectKey, observedAt: { gte: from } } });
      // As one document: a country has hundreds of windows, each with many features.
      await prisma.$executeRaw`
        INSERT INTO ml.training_example
          (id, dataset, tenant, residency, subject_group, part, features, label, observed_at, label_at, subject_key, home_region)
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS row (
          id uuid, dataset text, tenant text, residency text, "subjectGroup" text, part text, features real[], label int,
          "observedAt" timestamptz, "labelAt" timestamptz, "subjectKey" text, "homeRegion" text)`;
    },
    storeWindow: async (
      countryCode: string,
      builtUntil: Date,
      newest: { readonly end: Date; readonly features: Float32Array } | undefined,
    ): Promise<void> => {
      await prisma.countryWindow.update({
        where: { countryCode },
        data: {
          staleFrom: null,
          builtUntil,
          asOf: newest?.end ?? null,
          features: [...(newest?.features ?? [])],
        },
      });
    },
    findCurrentWindows: async (countryCodes: readonly string[]) =>
      windowRow.array().parse(
        await prisma.countryWindow.findMany({
          where: { countryCode: { in: [...countryCodes] }, asOf: { not: null } },
          select: { countryCode: true, asOf: true, features: true },
        }),
      ),
  };
}

/** Several countries at once, each in its own short transaction, so that nobody waits for all of them. */
export function createFactTransactions(prisma: PrismaClient) {
  return {
    transactFacts: <Result>(work: (queries: FactQueries) => Promise<Result>): Promise<Result> =>
      prisma.$transaction((tx) => work(createFactQueries(tx)), { timeout: 60_000 }),
  };
}

async function markStale(
  prisma: Prisma.TransactionClient,
  facts: readonly { readonly countryCode: string | null; readonly observedAt: Date | null }[],
): Promise<void> {
  const oldest = new Map<string, Date>();
  for (const { countryCode, observedAt } of facts) {
    if (countryCode === null || observedAt === null) continue;
    const known = oldest.get(countryCode);
    if (!known || observedAt < known) oldest.set(countryCode, observedAt);
  }
  if (oldest.size === 0) return;
  // In one order, so that two who mark the same countries cannot wait for each other.
  const rows = [...oldest].sort(([a], [b]) => (a < b ? -1 : 1));
  await prisma.$executeRaw`
    INSERT INTO ml.country_window AS stored (country_code, stale_from)
    SELECT * FROM unnest(${rows.map(([code]) => code)}::text[], ${rows.map(([, from]) => from)}::timestamptz[])
    ON CONFLICT (country_code) DO UPDATE SET stale_from = least(stored.stale_from, excluded.stale_from)`;
}
