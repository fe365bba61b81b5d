/** Queries on experiments: which one runs, what its versions were right about, and how it ended. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";
import type { ExperimentRules } from "../domain/experiments/judgeExperiment.ts";
import type { Serving } from "../domain/registry/chooseVersion.ts";

const rules = z.object({
  alpha: z.number(),
  effect: z.number(),
  countMin: z.number(),
  guardrail: z.number(),
});
const verdict = z.object({
  difference: z.number().nullable(),
  pValue: z.number(),
  controlCount: z.number(),
  treatmentCount: z.number(),
  judgedAt: z.iso.datetime(),
});
export type StoredVerdict = z.infer<typeof verdict>;

export const experimentRow = z.object({
  id: z.string(),
  name: z.string(),
  modelId: z.string().nullable(),
  controlVersionId: z.string(),
  treatmentVersionId: z.string(),
  share: z.number(),
  status: z.string(),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  rules: rules.nullable(),
  verdict: verdict.nullable(),
});
export type StoredExperiment = z.infer<typeof experimentRow>;

const outcomeRow = z.object({
  versionId: z.string(),
  countryCode: z.string(),
  loss: z.number(),
});

const servingRow = z.object({
  modelCode: z.string(),
  championId: z.string(),
  experimentId: z.string().nullable(),
  controlVersionId: z.string().nullable(),
  treatmentVersionId: z.string().nullable(),
  share: z.number().nullable(),
});

export function createExperimentQueries(prisma: Prisma.TransactionClient) {
  return {
    findExperiments: async (take: number) =>
      experimentRow
        .array()
        .parse(await prisma.experiment.findMany({ orderBy: [{ startedAt: "desc" }, { id: "desc" }], take })),
    findExperimentsById: async (ids: readonly string[]) =>
      experimentRow.array().parse(await prisma.experiment.findMany({ where: { id: { in: [...ids] } } })),
    findRunningExperiments: async (modelIds: readonly string[]) =>
      experimentRow
        .array()
        .parse(
          await prisma.experiment.findMany({ where: { modelId: { in: [...modelIds] }, status: "RUNNING" } }),
        ),
    findAllRunningExperiments: async () => {
      const running = z.array(z.object({ id: z.string() })).parse(
        await prisma.$queryRaw`
          SELECT id /* atlas:background */ FROM ml.experiment WHERE status = 'RUNNING' AND rules IS NOT NULL`,
      );
      if (running.length === 0) return [];
      const where = { id: { in: running.map(({ id }) => id) } };
      return experimentRow.array().parse(await prisma.experiment.findMany({ where }));
    },
    /** How the last experiment that tried the version ended; null while none has ended. */
    findLastStatus: async (treatmentVersionId: string): Promise<string | null> => {
      const last = await prisma.experiment.findFirst({
        where: { treatmentVersionId, status: { not: "RUNNING" } },
        orderBy: { startedAt: "desc" },
        select: { status: true },
      });
      return last?.status ?? null;
    },
    insertExperiment: (
      experiment: Omit<Prisma.ExperimentCreateInput, "rules"> & { readonly rules: ExperimentRules },
    ) => prisma.experiment.create({ data: { ...experiment, rules: { ...experiment.rules } } }),
    storeVerdict: async (id: string, said: StoredVerdict): Promise<void> => {
      await prisma.experiment.updateMany({
        where: { id, status: "RUNNING" },
        data: { verdict: { ...said } },
      });
    },
    /** False when it had ended before. */
    endExperiment: async (
      id: string,
      end: { readonly status: string; readonly finishedAt: Date; readonly stoppedBy: string },
    ): Promise<boolean> =>
      (await prisma.experiment.updateMany({ where: { id, status: "RUNNING" }, data: end })).count === 1,
    /** Squared errors of what both versions said since the experiment began, where it is known what came. */
    findLosses: async ({ controlVersionId, treatmentVersionId, startedAt }: StoredExperiment) =>
      outcomeRow.array().parse(
        await prisma.$queryRaw`
          SELECT model_version_id AS "versionId", subject_key AS "countryCode",
                 power(probability - outcome::int, 2) AS loss
          FROM ml.prediction
          WHERE model_version_id IN (${controlVersionId}::uuid, ${treatmentVersionId}::uuid)
            AND subject_kind = 'Country' AND outcome IS NOT NULL AND as_of IS NOT NULL AND predicted_at >= ${startedAt}
          ORDER BY as_of, subject_key`,
      ),
    /** What answers for models now; none for a model of which nothing was promoted. */
    findServing: async (modelCodes: readonly string[]): Promise<readonly ServingOfModel[]> => {
      const rows = servingRow.array().parse(
        await prisma.$queryRaw`
          SELECT DISTINCT ON (model.code) model.code AS "modelCode", alias.version_id AS "championId",
                 experiment.id AS "experimentId", experiment.control_version_id AS "controlVersionId",
                 experiment.treatment_version_id AS "treatmentVersionId", experiment.share
          FROM ml.model JOIN ml.model_alias AS alias ON alias.model_id = model.id AND alias.alias = 'champion'
          LEFT JOIN ml.experiment ON experiment.model_id = model.id AND experiment.status = 'RUNNING'
          WHERE model.code = ANY(${modelCodes})
          ORDER BY model.code, experiment.started_at`,
      );
      return rows.map(
        ({ modelCode, championId, experimentId, controlVersionId, treatmentVersionId, share }) => ({
          modelCode,
          championId,
          experiment:
            experimentId !== null &&
            controlVersionId !== null &&
            treatmentVersionId !== null &&
            share !== null
              ? { id: experimentId, controlVersionId, treatmentVersionId, share }
              : null,
        }),
      );
    },
  };
}

export type ServingOfModel = Serving & { readonly modelCode: string };
