/**
 * Rows that hold JSON or come from handwritten SQL, parsed once where they leave the database (db.ts). A version's
 * parameters are left out: they can be large and nothing in the graph reads them.
 */
import { z } from "zod";

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
});
export type Version = z.infer<typeof versionRow>;

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

export const trainingRow = z.object({
  regionCode: z.string(),
  activeRuns: z.number(),
  acceptedUpdates: z.number(),
  rejectedUpdates: z.number(),
  lastRoundId: z.string().nullable(),
});
export type Training = z.infer<typeof trainingRow>;
