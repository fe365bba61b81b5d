/**
 * What a version is: all that is needed to answer from it, and nothing else. Its content hash is that of this in canonical
 * JSON, so two versions with one hash answer alike.
 */
import { z } from "zod";
import { countrySignals } from "../examples/countrySignals.ts";
import { featureNames } from "../examples/extractFeatures.ts";
import { modelSpec, type RunTask } from "../rounds/runTask.ts";

export const versionParameters = z.strictObject({
  kind: z.literal("tensors"),
  model: modelSpec,
  dataset: z.string(),
  /** Names of the inputs, in order; null where they have none, as pixels. */
  features: z.array(z.string()).nullable(),
  /** How far ahead it looks; null where it foretells nothing. */
  horizonDays: z.int().nullable(),
  /** SHA-256 of the weights, as they are stored. */
  weightsHash: z.string(),
});
export type VersionParameters = z.infer<typeof versionParameters>;

export function describeTrained({ model, dataset }: RunTask, weightsHash: string): VersionParameters {
  const isOfCountries = dataset === countrySignals.dataset;
  return {
    kind: "tensors",
    model,
    dataset,
    features: isOfCountries ? [...featureNames] : null,
    horizonDays: isOfCountries ? countrySignals.horizonDays : null,
    weightsHash,
  };
}
