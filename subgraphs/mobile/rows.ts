/** Rows that come from handwritten SQL, parsed once where they leave the database (db.ts). */
import { z } from "zod";

/** Without the arguments: nothing in the graph reads what was changed, only what came of it. */
export const mutationRow = z.object({
  id: z.string(),
  residency: z.string(),
  deviceId: z.string(),
  sequence: z.number(),
  name: z.string(),
  status: z.string(),
  refusal: z.string().nullable(),
  receivedAt: z.date(),
});
export type StoredMutation = z.infer<typeof mutationRow>;

export const pinRow = z.object({
  assessmentId: z.string(),
  deviceId: z.string(),
  syncedAt: z.date().nullable(),
});
export type Pin = z.infer<typeof pinRow>;
