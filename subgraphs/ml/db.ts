/** Every query of this subgraph, named by intent; the only file here that knows Prisma. */
import { Prisma } from "../../prisma/generated/client.ts";
import { type AnswerStore, answerOnce, type OnceAnswer } from "../shared/answerOnce.ts";
import { type DatabaseOptions, openPrisma } from "../shared/prisma.ts";
import { driftRow, predictionRow, trainingRow, versionRow } from "./rows.ts";

export type Db = ReturnType<typeof openDb>;

export function openDb(options: DatabaseOptions) {
  const prisma = openPrisma(options);
  return {
    ...createQueries(prisma),
    checkReady: async (): Promise<void> => {
      await prisma.model.findFirst({ select: { id: true } });
    },
    close: () => prisma.$disconnect(),
    /**
     * Runs `work` and remembers the id it gives under the caller's key, in one transaction. The lock makes two
     * requests with one key wait for each other instead of both writing.
     */
    writeOnce: (
      tenant: string,
      key: string,
      request: unknown,
      work: (queries: Queries) => Promise<string>,
    ): Promise<OnceAnswer> =>
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${tenant}|${key}`}, 0))`;
        return answerOnce<never>(createAnswerStore(tx, tenant, key), request, () => work(createQueries(tx)));
      }),
  };
}

export type Queries = ReturnType<typeof createQueries>;

function createQueries(prisma: Prisma.TransactionClient) {
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
    findProductionVersions: async (modelIds: readonly string[]) =>
      versionRow.array().parse(
        await prisma.$queryRaw`
          SELECT ${versionColumns}
          FROM ml.model_alias AS alias JOIN ml.model_version AS version ON version.id = alias.version_id
          WHERE alias.alias = 'production' AND alias.model_id = ANY(${modelIds}::uuid[])`,
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
    insertPromotion: (promotion: Prisma.PromotionCreateInput) => prisma.promotion.create({ data: promotion }),
    findPromotion: (id: string) => prisma.promotion.findUnique({ where: { id } }),

    findFederatedRuns: (take: number) =>
      prisma.federatedRun.findMany({ orderBy: [{ startedAt: "desc" }, { id: "desc" }], take }),
    findFederatedRunsById: (ids: readonly string[]) =>
      prisma.federatedRun.findMany({ where: { id: { in: [...ids] } } }),
    findRoundsById: (ids: readonly string[]) => prisma.round.findMany({ where: { id: { in: [...ids] } } }),
    findRoundsOfRuns: (runIds: readonly string[]) =>
      prisma.round.findMany({ where: { runId: { in: [...runIds] } }, orderBy: { number: "asc" } }),
    /** One row for each round and outcome that it has. */
    countUpdates: (roundIds: readonly string[]) =>
      prisma.roundUpdate.groupBy({
        by: ["roundId", "accepted"],
        where: { roundId: { in: [...roundIds] } },
        _count: { _all: true },
      }),
    /** One row for each region asked for, also when it never took part. */
    findTraining: async (regionCodes: readonly string[]) =>
      trainingRow.array().parse(
        await prisma.$queryRaw`
          SELECT region.code AS "regionCode", runs.active AS "activeRuns",
                 updates.accepted AS "acceptedUpdates", updates.rejected AS "rejectedUpdates",
                 last.round_id AS "lastRoundId"
          FROM unnest(${regionCodes}::text[]) AS region (code)
          CROSS JOIN LATERAL (
            SELECT count(*)::int AS active FROM ml.federated_run
            WHERE status = 'RUNNING' AND region.code = ANY(region_codes)
          ) AS runs
          CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE accepted)::int AS accepted,
                   count(*) FILTER (WHERE NOT accepted)::int AS rejected
            FROM ml.round_update WHERE region_code = region.code
          ) AS updates
          LEFT JOIN LATERAL (
            SELECT round_id FROM ml.round_update JOIN ml.round ON round.id = round_id
            WHERE region_code = region.code ORDER BY started_at DESC, number DESC LIMIT 1
          ) AS last ON true`,
      ),

    findExperiments: (take: number) =>
      prisma.experiment.findMany({ orderBy: [{ startedAt: "desc" }, { id: "desc" }], take }),
    findExperimentsById: (ids: readonly string[]) =>
      prisma.experiment.findMany({ where: { id: { in: [...ids] } } }),

    findDriftReportsById: (ids: readonly string[]) =>
      prisma.driftReport.findMany({ where: { id: { in: [...ids] } } }),
    /** Newest first, at most `first` of each version. */
    findDriftOfVersions: async (versionIds: readonly string[], first: number) =>
      driftRow.array().parse(
        await prisma.$queryRaw`
          SELECT report.id, report.model_version_id AS "modelVersionId", report.detector, report.statistic,
                 report.threshold, report.drifted, report.measured_at AS "measuredAt"
          FROM unnest(${versionIds}::uuid[]) AS parent (id) CROSS JOIN LATERAL (
            SELECT * FROM ml.drift_report WHERE model_version_id = parent.id
            ORDER BY measured_at DESC, id DESC LIMIT ${first}::int
          ) AS report
          ORDER BY report.model_version_id, report.measured_at DESC, report.id DESC`,
      ),

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
    findPredictionsOfCountries: async (tenant: string, countryCodes: readonly string[], first: number) =>
      predictionRow.array().parse(
        await prisma.$queryRaw`
          SELECT ${predictionColumns}
          FROM unnest(${countryCodes}::text[]) AS country (code) CROSS JOIN LATERAL (
            SELECT * FROM ml.prediction
            WHERE subject_kind = 'Country' AND subject_key = country.code AND tenant IN (${tenant}, 'public')
            ORDER BY predicted_at DESC, id DESC LIMIT ${first}::int
          ) AS prediction
          ORDER BY prediction.subject_key, prediction.predicted_at DESC, prediction.id DESC`,
      ),

    seed: async (rows: SeedRows): Promise<void> => {
      await prisma.model.createMany({ data: rows.models, skipDuplicates: true });
      await prisma.modelVersion.createMany({ data: rows.versions, skipDuplicates: true });
      await prisma.modelAlias.createMany({ data: rows.aliases, skipDuplicates: true });
      await prisma.federatedRun.createMany({ data: rows.runs, skipDuplicates: true });
      await prisma.round.createMany({ data: rows.rounds, skipDuplicates: true });
      await prisma.roundUpdate.createMany({ data: rows.updates, skipDuplicates: true });
      await prisma.experiment.createMany({ data: rows.experiments, skipDuplicates: true });
      await prisma.driftReport.createMany({ data: rows.driftReports, skipDuplicates: true });
      await prisma.prediction.createMany({ data: rows.predictions, skipDuplicates: true });
    },
  };
}

export type SeedRows = {
  readonly models: Prisma.ModelCreateManyInput[];
  readonly versions: Prisma.ModelVersionCreateManyInput[];
  readonly aliases: Prisma.ModelAliasCreateManyInput[];
  readonly runs: Prisma.FederatedRunCreateManyInput[];
  readonly rounds: Prisma.RoundCreateManyInput[];
  readonly updates: Prisma.RoundUpdateCreateManyInput[];
  readonly experiments: Prisma.ExperimentCreateManyInput[];
  readonly driftReports: Prisma.DriftReportCreateManyInput[];
  readonly predictions: Prisma.PredictionCreateManyInput[];
};

const versionColumns = Prisma.sql`
  version.id, version.model_id AS "modelId", version.version, version.content_hash AS "contentHash", version.origin,
  version.federated_run_id AS "federatedRunId", version.data_from AS "dataFrom", version.data_to AS "dataTo",
  version.metrics, version.created_at AS "createdAt"`;

const predictionColumns = Prisma.sql`
  prediction.id, prediction.residency, prediction.subject_key AS "subjectKey",
  prediction.model_version_id AS "modelVersionId", prediction.probability,
  prediction.horizon_days AS "horizonDays", prediction.contributions, prediction.predicted_at AS "predictedAt"`;

/** Rows of the caller's tenant and those that belong to nobody. */
function visibleTo(tenant: string): { readonly tenant: { readonly in: string[] } } {
  return { tenant: { in: [tenant, "public"] } };
}

function createAnswerStore(tx: Prisma.TransactionClient, tenant: string, key: string): AnswerStore {
  return {
    findAnswer: () => tx.mlIdempotency.findUnique({ where: { tenant_key: { tenant, key } } }),
    storeAnswer: async (requestHash, result) => {
      await tx.mlIdempotency.create({ data: { tenant, key, requestHash, result } });
    },
  };
}
