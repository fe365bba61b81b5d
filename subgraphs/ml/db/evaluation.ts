/** Queries on drift reports. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";

export const driftRow = z.object({
  id: z.string(),
  modelVersionId: z.string(),
  detector: z.string(),
  statistic: z.number(),
  threshold: z.number(),
  drifted: z.boolean(),
  measuredAt: z.date(),
});
export type Drift = z.infer<typeof driftRow>;

export function createEvaluationQueries(prisma: Prisma.TransactionClient) {
  return {
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
  };
}
