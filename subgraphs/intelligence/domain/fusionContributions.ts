/** What each domain gave to a fused risk, as it is stored. */
import { z } from "zod";

export const domains = ["GEOPOLITICAL", "ECONOMIC", "CYBER", "INFRASTRUCTURE", "SOCIAL"] as const;
export type Domain = (typeof domains)[number];

const contributionsSchema = z.array(
  z.object({
    domain: z.enum(domains),
    signalCount: z.number().int(),
    /** When the newest of them was observed. */
    newest: z.iso.datetime(),
    /** The risk that this domain alone would give, 0 to 1. */
    score: z.number(),
    /** Its share of the whole; the shares add up to 1. */
    weight: z.number(),
  }),
);

export type DomainContribution = z.infer<typeof contributionsSchema>[number];

export function parseContributions(stored: unknown): DomainContribution[] {
  return contributionsSchema.parse(stored);
}
