/** Queries of models that go on learning: what they are at, what they learn from, what they remember. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";
import { residenciesOfRegion } from "../domain/rounds/regionResidencies.ts";

const learnableRow = z.object({
  modelId: z.string(),
  versionId: z.string(),
  parameters: z.unknown(),
  promotedAt: z.date(),
});
const detectorsRow = z.object({
  adwin: z.array(z.object({ count: z.number(), sum: z.number(), squares: z.number() })),
  pageHinkley: z.object({ count: z.number(), mean: z.number(), sum: z.number(), lowest: z.number() }),
});
const countsRow = z.record(z.string(), z.int());
const comparisonRow = z.object({ gained: z.int(), lost: z.int() });

export type LearnedExample = {
  readonly id: string;
  readonly residency: string;
  readonly subjectId: string | null;
  readonly features: readonly number[];
  readonly label: number;
  readonly observedAt: Date;
};

export function createLearningQueries(prisma: Prisma.TransactionClient) {
  return {
    /** Versions that answer now and were trained from examples. Asked again and again, so no part of any request. */
    findLearnable: async () =>
      learnableRow.array().parse(
        await prisma.$queryRaw`
          SELECT /* atlas:background */ version.model_id AS "modelId", version.id AS "versionId", version.parameters,
                 alias.set_at AS "promotedAt"
          FROM ml.model_alias AS alias JOIN ml.model_version AS version ON version.id = alias.version_id
          WHERE alias.alias = 'champion' AND version.parameters ->> 'kind' = 'tensors' ORDER BY version.model_id`,
      ),
    /** One learner of a model at a time, whoever has the process. False when another one is at it. */
    tryLockLearner: async (modelId: string): Promise<boolean> => {
      const [row] = await prisma.$queryRaw<{ readonly locked: boolean }[]>`
        SELECT /* atlas:background */ pg_try_advisory_xact_lock(hashtextextended(${`learner|${modelId}`}, 0)) AS locked`;
      return row?.locked ?? false;
    },
    findLearner: async (modelId: string) => {
      const row = await prisma.onlineLearner.findUnique({ where: { modelId } });
      return (
        row && {
          ...row,
          detectors: detectorsRow.parse(row.detectors),
          seenByLabel: countsRow.parse(row.seenByLabel),
          comparison: comparisonRow.parse(row.comparison),
        }
      );
    },
    saveLearner: async (learner: Prisma.OnlineLearnerUncheckedCreateInput): Promise<void> => {
      const { modelId, ...changes } = learner;
      await prisma.onlineLearner.upsert({ where: { modelId }, create: learner, update: changes });
    },
    /** In order of time. Of examples that are split by time, those whose label became known after the promotion. */
    findExamplesAfter: async (
      dataset: string,
      region: string,
      promotedAt: Date,
      after: { readonly at: Date; readonly id: string },
      take: number,
    ): Promise<LearnedExample[]> =>
      exampleRow.array().parse(
        await prisma.$queryRaw`
          SELECT /* atlas:background */ id, residency, subject_id AS "subjectId", features::float8[] AS features, label,
                 observed_at AS "observedAt"
          FROM ml.training_example
          WHERE dataset = ${dataset} AND (
              (part = 'TRAIN' AND residency = ANY(${[...residenciesOfRegion(region), "global"]}))
              OR (part = 'BY_TIME' AND home_region = ${region} AND label_at > ${promotedAt})
            )
            AND (observed_at, id) > (${after.at}, ${after.id}::uuid)
          ORDER BY observed_at, id LIMIT ${take}::int`,
      ),
    findMemory: async (modelId: string): Promise<LearnedExample[]> =>
      exampleRow.array().parse(
        await prisma.$queryRaw`
          SELECT example.id, example.residency, example.subject_id AS "subjectId", features::float8[] AS features, label,
                 observed_at AS "observedAt"
          FROM ml.replay_sample AS kept JOIN ml.training_example AS example ON example.id = kept.example_id
          WHERE kept.model_id = ${modelId}::uuid ORDER BY observed_at, example.id`,
      ),
    /** Nothing else is remembered afterwards. */
    saveMemory: async (modelId: string, exampleIds: readonly string[]): Promise<void> => {
      await prisma.replaySample.deleteMany({ where: { modelId, exampleId: { notIn: [...exampleIds] } } });
      await prisma.replaySample.createMany({
        data: exampleIds.map((exampleId) => ({ modelId, exampleId })),
        skipDuplicates: true,
      });
    },
    insertDriftReports: async (reports: readonly Prisma.DriftReportCreateManyInput[]): Promise<void> => {
      await prisma.driftReport.createMany({ data: [...reports] });
    },
    /** Of examples about the subject, and with them of every memory of them. Answers how many there were. */
    eraseExamplesOf: async (subjectId: string): Promise<number> =>
      (await prisma.trainingExample.deleteMany({ where: { subjectId } })).count,
  };
}

const exampleRow = z.object({
  id: z.string(),
  residency: z.string(),
  subjectId: z.string().nullable(),
  features: z.array(z.number()),
  label: z.int(),
  observedAt: z.date(),
});
