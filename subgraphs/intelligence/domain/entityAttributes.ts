/** What only some kinds of entity have; importers write it and the graph reads it, so both know it from here. */
import { z } from "zod";

export const assetAttributes = z.object({
  /** Megawatts. */
  capacityMw: z.number().nullish(),
});

export const vulnerabilityAttributes = z.object({
  vendor: z.string().nullish(),
  product: z.string().nullish(),
  exploitedSince: z.iso.datetime({ offset: true }).or(z.iso.date()).nullish(),
  usedByRansomware: z.boolean().nullish(),
});

export type AssetAttributes = z.infer<typeof assetAttributes>;
export type VulnerabilityAttributes = z.infer<typeof vulnerabilityAttributes>;
