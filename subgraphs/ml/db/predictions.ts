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
});
export type StoredPrediction = z.infer<typeof predictionRow>;

export function createPredictionQueries(prisma: Prisma.TransactionClient) {
  return {
    findPredictionsById: async (tenant: string, ids: readonly string[]) =>
      predictionRow
        .array()
        .parse(await prisma.prediction.findMany({ where: { id: { in: [...ids] }, ...visibleTo(tenant) } })),
    /** The newest of each assessment, of whatever version is in production now. */
    findProductionPredictions: async (tenant: string, assessmentIds: readonly string[]) =>
      predictionRow.array().parse(
        await prisma.$queryRaw`
          SELECT DISTINCT ON (prediction.subject_key) ${predictionColumns}
          FROM ml.prediction AS prediction
          JOIN ml.model_alias AS alias ON alias.version_id = prediction.model_version_id
          WHERE alias.alias = 'production' AND prediction.tenant IN (${tenant}, 'public')
            AND prediction.subject_kind = 'RiskAssessment' AND prediction.subject_key = ANY(${assessmentIds})
          ORDER BY prediction.subject_key, prediction.predicted_at DESC, prediction.id DESC`,
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
  prediction.horizon_days AS "horizonDays", prediction.contributions, prediction.predicted_at AS "predictedAt"`;

/** Rows of the caller's tenant and those that belong to nobody. */
function visibleTo(tenant: string): { readonly tenant: { readonly in: string[] } } {
  return { tenant: { in: [tenant, "public"] } };
}
