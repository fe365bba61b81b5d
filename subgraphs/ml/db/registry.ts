/** Queries on what versions are, where aliases point and pointed, and how versions do beside each other. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";
import type { PromotionCheck, PromotionRule } from "../domain/registry/judgePromotion.ts";

const rules = [
  "TRAINED",
  "BETTER_THAN_BASE_RATE",
  "NOT_WORSE_THAN_CHAMPION",
  "SHADOW_HOLDS",
  "NOT_REJECTED",
] as const satisfies readonly PromotionRule[];
const checks = z.array(z.object({ rule: z.enum(rules), passed: z.boolean(), message: z.string() }));

export const promotionRow = z.object({
  id: z.string(),
  modelId: z.string(),
  alias: z.string(),
  versionId: z.string(),
  previousVersionId: z.string().nullable(),
  promotedAt: z.date(),
  kind: z.enum(["PROMOTION", "ROLLBACK"]),
  checks,
});
export type StoredPromotion = z.infer<typeof promotionRow>;

const comparisonRow = z.object({
  modelId: z.string(),
  versionId: z.string(),
  championId: z.string(),
  compared: z.number(),
  meanDifference: z.number().nullable(),
  judged: z.number(),
  brier: z.number().nullable(),
  championBrier: z.number().nullable(),
});
export type StoredComparison = z.infer<typeof comparisonRow>;

const featuresRow = z.object({ id: z.string(), features: z.array(z.string()) });

export function createRegistryQueries(prisma: Prisma.TransactionClient) {
  return {
    /** What a version answers from; null when it is not there. */
    findVersionContent: (id: string) =>
      prisma.modelVersion.findUnique({
        where: { id },
        select: { contentHash: true, parameters: true },
      }),
    findFeatures: async (versionIds: readonly string[]) =>
      featuresRow.array().parse(
        await prisma.$queryRaw`
          SELECT id, jsonb_path_query_array(parameters, '$.features[*].name') AS features
          FROM ml.model_version WHERE id = ANY(${versionIds}::uuid[])`,
      ),

    findAliasesOfModels: (modelIds: readonly string[]) =>
      prisma.modelAlias.findMany({ where: { modelId: { in: [...modelIds] } }, orderBy: { alias: "asc" } }),
    /** Oldest first. */
    findMoves: (modelId: string, alias: string) =>
      prisma.promotion.findMany({
        where: { modelId, alias },
        orderBy: [{ promotedAt: "asc" }, { id: "asc" }],
        select: { kind: true, versionId: true },
      }),
    findPromotion: async (id: string) => {
      const row = await prisma.promotion.findUnique({ where: { id } });
      return row && promotionRow.parse(row);
    },
    /** Newest first, at most `first` of each model. */
    findPromotionsOfModels: async (modelIds: readonly string[], first: number) =>
      promotionRow.array().parse(
        await prisma.$queryRaw`
          SELECT move.id, move.model_id AS "modelId", move.alias, move.version_id AS "versionId", move.kind, move.checks,
                 move.previous_version_id AS "previousVersionId", move.promoted_at AS "promotedAt"
          FROM unnest(${modelIds}::uuid[]) AS parent (id) CROSS JOIN LATERAL (
            SELECT * FROM ml.promotion WHERE model_id = parent.id ORDER BY promoted_at DESC, id DESC LIMIT ${first}::int
          ) AS move
          ORDER BY move.model_id, move.promoted_at DESC, move.id DESC`,
      ),
    insertPromotion: async (
      promotion: Omit<Prisma.PromotionCreateInput, "checks"> & { readonly checks: readonly PromotionCheck[] },
    ) =>
      prisma.promotion.create({
        data: { ...promotion, checks: promotion.checks.map((check) => ({ ...check })) },
      }),

    /** A version beside the champion of its model, on the countries and moments that both predicted. */
    compareWithChampions: async (modelIds: readonly string[], alias: string) =>
      comparisonRow.array().parse(
        await prisma.$queryRaw`
          SELECT champion.model_id AS "modelId", other.version_id AS "versionId", champion.version_id AS "championId",
                 count(a.id)::int AS compared, avg(abs(a.probability - b.probability)) AS "meanDifference",
                 count(a.outcome)::int AS judged,
                 avg(power(a.probability - a.outcome::int, 2)) AS brier,
                 avg(power(b.probability - a.outcome::int, 2)) AS "championBrier"
          FROM ml.model_alias AS champion
          JOIN ml.model_alias AS other ON other.model_id = champion.model_id AND other.alias = ${alias}
          LEFT JOIN ml.prediction AS a ON a.model_version_id = other.version_id AND a.subject_kind = 'Country' AND a.as_of IS NOT NULL
            AND EXISTS (
              SELECT FROM ml.prediction AS same
              WHERE same.model_version_id = champion.version_id AND same.subject_kind = 'Country'
                AND same.subject_key = a.subject_key AND same.as_of = a.as_of
            )
          LEFT JOIN ml.prediction AS b ON b.model_version_id = champion.version_id AND b.subject_kind = 'Country'
            AND b.subject_key = a.subject_key AND b.as_of = a.as_of
          WHERE champion.alias = 'champion' AND champion.model_id = ANY(${modelIds}::uuid[])
          GROUP BY 1, 2, 3`,
      ),
  };
}
