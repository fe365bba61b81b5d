/** What a version says of one window of a country: the row that is stored of it, and shown. */
import { naturalId } from "../../../shared/ids.ts";
import { featureNames } from "../examples/extractFeatures.ts";
import type { FeatureValues, Prediction } from "../predict.ts";

/** Of a version that is loaded. */
export type Model = {
  readonly horizonDays: number;
  readonly predict: (rows: readonly FeatureValues[]) => readonly Prediction[];
};

export type WindowOfCountry = {
  readonly countryCode: string;
  /** The moment up to which it is known what was observed. */
  readonly asOf: Date;
  readonly features: readonly number[];
};

/** The id follows from version, country and moment, so that what is computed as it is asked for is what is stored. */
export function predictWindow(
  versionId: string,
  model: Model,
  { countryCode, asOf, features }: WindowOfCountry,
  predictedAt: Date,
) {
  const values = Object.fromEntries(featureNames.map((name, at) => [name, features[at] ?? 0]));
  const [said] = model.predict([values]);
  if (!said) throw new Error(`version ${versionId} was asked for one prediction and gave none`);
  const { probability, contributions } = said;
  return {
    id: naturalId("public", "prediction", versionId, countryCode, asOf.toISOString()),
    tenant: "public",
    // Windows are made of global signals alone.
    residency: "global",
    subjectKind: "Country",
    subjectKey: countryCode,
    modelVersionId: versionId,
    probability,
    horizonDays: model.horizonDays,
    contributions: contributions.map((contribution) => ({ ...contribution })),
    predictedAt,
    asOf,
    outcome: null,
  };
}
