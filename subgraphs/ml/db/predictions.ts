/** Queries on predictions. Each answers rows of the tenant and those of `public`, no others; lists those that the reader may see. */
import { z } from "zod";
import { Prisma } from "../../../prisma/generated/client.ts";

import { residencyField } from "../../shared/filters/filterFields.ts";
import type { Reader } from "../../shared/filters/rowFilter.ts";
import { type FilteredTable, toSql } from "../../shared/filters/toSql.ts";

export const predictionRow = z.object({
  id: z.string(),
  residency: z.string(),
  subjectKey: z.string(),
  modelVersionId: z.string(),
  probability: z.number(),
  horizonDays: z.number(),
  contributions: z.array(z.object({ feature: z.string(), value: z.number() })),
  predictedAt: z.date(),
  asOf: z.date().nullable(),
  outcome: z.boolean().nullable(),
});
export type StoredPrediction = z.infer<typeof predictionRow>;

const missingRow = z.object({
  versionId: z.string(),
  countryCode: z.string(),
  asOf: z.date(),
  features: z.array(z.number()),
});
export type MissingPrediction = z.infer<typeof missingRow>;

export function createPredictionQueries(prisma: Prisma.TransactionClient) {
  return {
    findPredictionsById: async (tenant: string, ids: readonly string[]) =>
      predictionRow
        .array()
        .parse(await prisma.prediction.findMany({ where: { id: { in: [...ids] }, ...visibleTo(tenant) } })),
    /** The newest of each version and country. */
    findNewestPredictions: async (
      tenant: string,
      versionIds: readonly string[],
      countryCodes: readonly string[],
    ) =>
      predictionRow.array().parse(
        await prisma.$queryRaw`
          SELECT DISTINCT ON (prediction.model_version_id, prediction.subject_key) ${predictionColumns}
          FROM ml.prediction AS prediction
          WHERE prediction.model_version_id = ANY(${versionIds}::uuid[]) AND prediction.tenant IN (${tenant}, 'public')
            AND prediction.subject_kind = 'Country' AND prediction.subject_key = ANY(${countryCodes})
          ORDER BY prediction.model_version_id, prediction.subject_key, prediction.as_of DESC NULLS LAST,
                   prediction.predicted_at DESC, prediction.id DESC`,
      ),
    /** The newest of each fusion result: it names the version that took part. */
    findFusionPredictions: async (tenant: string, fusionIds: readonly string[]) =>
      predictionRow.array().parse(
        await prisma.$queryRaw`
          SELECT DISTINCT ON (prediction.subject_key) ${predictionColumns}
          FROM ml.prediction AS prediction
          WHERE prediction.tenant IN (${tenant}, 'public')
            AND prediction.subject_kind = 'FusionResult' AND prediction.subject_key = ANY(${fusionIds})
          ORDER BY prediction.subject_key, prediction.predicted_at DESC, prediction.id DESC`,
      ),
    /** Newest first, at most `first` of each country. */
    findPredictionsOfCountries: async (reader: Reader, countryCodes: readonly string[], first: number) =>
      predictionRow.array().parse(
        await prisma.$queryRaw`
          SELECT ${predictionColumns}
          FROM unnest(${countryCodes}::text[]) AS country (code) CROSS JOIN LATERAL (
            SELECT * FROM ml.prediction AS stored
            WHERE subject_kind = 'Country' AND subject_key = country.code
              AND tenant IN (${reader.tenant}, 'public') AND ${toSql(reader, predictions)}
            ORDER BY predicted_at DESC, id DESC LIMIT ${first}::int
          ) AS prediction
          ORDER BY prediction.subject_key, prediction.predicted_at DESC, prediction.id DESC`,
      ),

    /** Windows of which a version that stands under an alias, or is on trial, has said nothing yet. */
    findMissingPredictions: async (take: number) =>
      missingRow.array().parse(
        await prisma.$queryRaw`
          SELECT version.id AS "versionId", stand.country_code AS "countryCode", stand.as_of AS "asOf", stand.features /* atlas:background */
          FROM (
            SELECT version_id AS id FROM ml.model_alias
            UNION SELECT treatment_version_id FROM ml.experiment WHERE status = 'RUNNING'
          ) AS version
          JOIN ml.model_version AS stored ON stored.id = version.id AND stored.dataset = 'country-signals'
          JOIN ml.country_window AS stand ON stand.as_of IS NOT NULL
          WHERE NOT EXISTS (
            SELECT FROM ml.prediction AS said
            WHERE said.model_version_id = version.id AND said.subject_kind = 'Country'
              AND said.subject_key = stand.country_code AND said.as_of = stand.as_of
          )
          ORDER BY version.id, stand.country_code LIMIT ${take}::int`,
      ),
    insertPredictions: async (rows: readonly Prisma.PredictionCreateManyInput[]): Promise<void> => {
      await prisma.prediction.createMany({ data: [...rows], skipDuplicates: true });
    },
    /** What came true of predictions whose horizon is over; answers of how many. By global signals, which every region has. */
    judgePredictions: async (until: Date, severityMin: number): Promise<number> =>
      prisma.$executeRaw`
        UPDATE ml.prediction AS said SET outcome = EXISTS (
          SELECT FROM ml.signal_fact AS fact /* atlas:background */
          WHERE fact.country_code = said.subject_key AND NOT fact.gone AND fact.residency = 'global'
            AND fact.severity >= ${severityMin}
            AND fact.observed_at > said.as_of AND fact.observed_at <= said.as_of + said.horizon_days * interval '1 day'
        )
        WHERE said.outcome IS NULL AND said.subject_kind = 'Country'
          AND said.as_of + said.horizon_days * interval '1 day' <= ${until}`,
  };
}

const predictions: FilteredTable = {
  type: "Prediction",
  alias: "stored",
  fields: { residency: residencyField },
};

const predictionColumns = Prisma.sql`
  prediction.id, prediction.residency, prediction.subject_key AS "subjectKey",
  prediction.model_version_id AS "modelVersionId", prediction.probability,
  prediction.horizon_days AS "horizonDays", prediction.contributions, prediction.predicted_at AS "predictedAt",
  prediction.as_of AS "asOf", prediction.outcome`;

/** Rows of the caller's tenant and those that belong to nobody. */
function visibleTo(tenant: string): { readonly tenant: { readonly in: string[] } } {
  return { tenant: { in: [tenant, "public"] } };
}
