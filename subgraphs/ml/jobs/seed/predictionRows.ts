import { naturalId } from "../../../shared/ids.ts";
import type { SeedRows } from "../../db.ts";
import { type LogisticModel, predict } from "../../domain/predict.ts";
import { countryCodes } from "./countryCodes.ts";
import { generateFeatures } from "./generateExamples.ts";

type Version = { readonly id: string; readonly parameters: LogisticModel };

/**
 * What both versions say of every country, really computed from the stored coefficients: for the country itself, for
 * its computed assessment and, by the version in production, for the fusion result behind that assessment.
 */
export function predictionRows(
  tenant: string,
  versions: { readonly production: Version; readonly trial: Version },
  predictedAt: Date,
): SeedRows["predictions"] {
  const { production, trial } = versions;
  return countryCodes().flatMap((code) => {
    // The trial has more features; the production version reads those that it knows.
    const values = generateFeatures(trial.parameters, `country/${code}`);
    const toRow = (version: Version, subjectKind: string, subjectKey: string) => {
      const { probability, contributions } = predict(version.parameters, values);
      return {
        id: naturalId(tenant, "prediction", subjectKind, subjectKey, version.id),
        tenant,
        residency: "global",
        subjectKind,
        subjectKey,
        modelVersionId: version.id,
        probability,
        horizonDays: version.parameters.horizonDays,
        contributions: contributions.map((contribution) => ({ ...contribution })),
        predictedAt,
      };
    };
    const assessmentId = naturalId(tenant, "assessment", "country", code);
    return [
      toRow(production, "Country", code),
      toRow(trial, "Country", code),
      toRow(production, "RiskAssessment", assessmentId),
      toRow(trial, "RiskAssessment", assessmentId),
      toRow(production, "FusionResult", naturalId(tenant, "fusion", "country", code)),
    ];
  });
}
