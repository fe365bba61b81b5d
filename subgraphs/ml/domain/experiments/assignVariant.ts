import { createHash } from "node:crypto";

export type Variant = "CONTROL" | "TREATMENT";

/**
 * Which version answers for a subject: always the same within one experiment, independent of every other experiment.
 * `share` is the part of all subjects that see the treatment, 0 to 1.
 */
export function assignVariant(experimentId: string, subject: string, share: number): Variant {
  const hash = createHash("sha256")
    .update(JSON.stringify([experimentId, subject]))
    .digest();
  // 48 bits are what a double holds with room to spare.
  return hash.readUIntBE(0, 6) / 2 ** 48 < share ? "TREATMENT" : "CONTROL";
}
