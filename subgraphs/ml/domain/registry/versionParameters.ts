/**
 * What a version is that a run trained: all that is needed to answer from it, and nothing else. The content hash of a version
 * is that of this in canonical JSON, so two versions with one hash answer alike. inference/content.ts reads it.
 */
import { countrySignals } from "../examples/countrySignals.ts";
import { featureNames } from "../examples/extractFeatures.ts";
import type { RunTask } from "../rounds/runTask.ts";

/** `contentHash` is that of the weights, by which they are stored. Only examples of countries have named features. */
export function describeTrained({ model, dataset }: RunTask, contentHash: string) {
  const trained = { kind: "tensors", model, dataset, contentHash } as const;
  if (dataset !== countrySignals.dataset) return trained;
  const features = featureNames.map((name) => ({ name }));
  return { ...trained, features, horizonDays: countrySignals.horizonDays };
}
