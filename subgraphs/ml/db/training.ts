/** Queries on federated runs, their rounds, and what regions sent for them. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";

export const trainingRow = z.object({
  regionCode: z.string(),
  activeRuns: z.number(),
  acceptedUpdates: z.number(),
  rejectedUpdates: z.number(),
  lastRoundId: z.string().nullable(),
});
export type Training = z.infer<typeof trainingRow>;

const spentRow = z.object({
  runId: z.string(),
  subjectGroup: z.string(),
  samplingRate: z.number(),
  noiseMultiplier: z.number(),
  steps: z.number(),
  delta: z.number(),
});
export type Spent = z.infer<typeof spentRow>;

export function createTrainingQueries(prisma: Prisma.TransactionClient) {
  return {
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
    findUpdatesOfRounds: (roundIds: readonly string[]) =>
      prisma.roundUpdate.findMany({
        where: { roundId: { in: [...roundIds] } },
        orderBy: [{ roundId: "asc" }, { regionCode: "asc" }],
      }),
    /** What the rounds of runs have paid, one row for each round and group. */
    findPrivacyOfRuns: async (runIds: readonly string[]) =>
      spentRow.array().parse(
        await prisma.$queryRaw`
          SELECT run.id AS "runId", entry.subject_group AS "subjectGroup", entry.sampling_rate AS "samplingRate",
                 entry.noise_multiplier AS "noiseMultiplier", entry.steps,
                 (run.task -> 'privacy' ->> 'delta')::double precision AS delta
          FROM ml.federated_run AS run JOIN ml.round ON round.run_id = run.id
          JOIN ml.privacy_entry AS entry ON entry.round_id = round.id
          WHERE run.id = ANY(${runIds}::uuid[]) AND run.task -> 'privacy' ->> 'delta' IS NOT NULL
          ORDER BY run.id, entry.subject_group, round.number`,
      ),
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
  };
}
