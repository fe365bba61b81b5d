/** Queries on models, their versions, and which version answers under which name. */
import { z } from "zod";
import { Prisma } from "../../../prisma/generated/client.ts";

/** Without the parameters: they can be large, and nothing in the graph reads them. */
export const versionRow = z.object({
  id: z.string(),
  modelId: z.string(),
  version: z.number(),
  contentHash: z.string(),
  origin: z.string(),
  federatedRunId: z.string().nullable(),
  dataFrom: z.date().nullable(),
  dataTo: z.date().nullable(),
  metrics: z.record(z.string(), z.number()),
  createdAt: z.date(),
  dataset: z.string().nullable(),
  holdOutFrom: z.date().nullable(),
  rounds: z.number().nullable(),
  codeVersion: z.string().nullable(),
});
export type Version = z.infer<typeof versionRow>;

export function createModelQueries(prisma: Prisma.TransactionClient) {
  return {
    findModels: () => prisma.model.findMany({ orderBy: { code: "asc" } }),
    findModelsByCode: (codes: readonly string[]) =>
      prisma.model.findMany({ where: { code: { in: [...codes] } } }),
    findModelsById: (ids: readonly string[]) => prisma.model.findMany({ where: { id: { in: [...ids] } } }),

    findVersionsById: async (ids: readonly string[]) =>
      versionRow
        .array()
        .parse(
          await prisma.modelVersion.findMany({ where: { id: { in: [...ids] } }, omit: { parameters: true } }),
        ),
    /** Newest first, at most `first` of each model. */
    findVersionsOfModels: async (modelIds: readonly string[], first: number) =>
      versionRow.array().parse(
        await prisma.$queryRaw`
          SELECT ${versionColumns}
          FROM unnest(${modelIds}::uuid[]) AS parent (id) CROSS JOIN LATERAL (
            SELECT * FROM ml.model_version WHERE model_id = parent.id ORDER BY version DESC LIMIT ${first}::int
          ) AS version
          ORDER BY version.model_id, version.version DESC`,
      ),
    findChampions: async (modelIds: readonly string[]) =>
      versionRow.array().parse(
        await prisma.$queryRaw`
          SELECT ${versionColumns}
          FROM ml.model_alias AS alias JOIN ml.model_version AS version ON version.id = alias.version_id
          WHERE alias.alias = 'champion' AND alias.model_id = ANY(${modelIds}::uuid[])`,
      ),

    /** An alias moves while nobody else moves it. */
    lockAlias: async (modelId: string, alias: string): Promise<void> => {
      await prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`alias|${modelId}|${alias}`}, 0))`;
    },
    findAlias: (modelId: string, alias: string) =>
      prisma.modelAlias.findUnique({ where: { modelId_alias: { modelId, alias } } }),
    setAlias: (alias: Prisma.ModelAliasCreateInput & { readonly setAt: Date }) =>
      prisma.modelAlias.upsert({
        where: { modelId_alias: { modelId: alias.modelId, alias: alias.alias } },
        create: alias,
        update: { versionId: alias.versionId, setAt: alias.setAt, setBy: alias.setBy },
      }),
  };
}

const versionColumns = Prisma.sql`
  version.id, version.model_id AS "modelId", version.version, version.content_hash AS "contentHash", version.origin,
  version.federated_run_id AS "federatedRunId", version.data_from AS "dataFrom", version.data_to AS "dataTo",
  version.metrics, version.created_at AS "createdAt", version.dataset, version.hold_out_from AS "holdOutFrom",
  version.rounds, version.code_version AS "codeVersion"`;
