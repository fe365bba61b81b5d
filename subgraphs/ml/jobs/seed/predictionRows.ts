import { countryCodes } from "../../../shared/countryCodes.ts";
import { naturalId } from "../../../shared/ids.ts";
import type { SeedRows } from "../../db.ts";
import { type LogisticModel, predict } from "../../domain/predict.ts";
import { generateFeatures } from "./generateExamples.ts";

const minuteMs = 60_000;

type Version = { readonly id: string; readonly parameters: LogisticModel };

/**
 * What each version says of every country, really computed from the stored coefficients: for the country itself and
 * for its computed assessment. Fusion results get none, since no model takes part in fusion yet. The first version
 * speaks last, so that it comes first where the newest does.
 */
export function predictionRows(
  tenant: string,
  versions: readonly Version[],
  world: LogisticModel,
  predictedAt: Date,
): SeedRows["predictions"] {
  return countryCodes().flatMap((code) => {
    // Of the world's features, each version reads those that it knows.
    const values = generateFeatures(world, `country/${code}`);
    const subjects = [
      { subjectKind: "Country", subjectKey: code },
      { subjectKind: "RiskAssessment", subjectKey: naturalId(tenant, "assessment", "country", code) },
    ];
    return versions.flatMap(({ id, parameters }, index) => {
      const { probability, contributions } = predict(parameters, values);
      return subjects.map(({ subjectKind, subjectKey }) => ({
        id: naturalId(tenant, "prediction", subjectKind, subjectKey, id),
        tenant,
        residency: "global",
        subjectKind,
        subjectKey,
        modelVersionId: id,
        probability,
        horizonDays: parameters.horizonDays,
        contributions: contributions.map((contribution) => ({ ...contribution })),
        predictedAt: new Date(predictedAt.getTime() - index * minuteMs),
      }));
    });
  });
}
