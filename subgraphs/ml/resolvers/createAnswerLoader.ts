/**
 * What `country-risk` says of countries, as it was stored: two statements for all countries of a request, and a third one
 * where something is missing, to tell why.
 */
import DataLoader from "dataloader";
import type { StoredPrediction } from "../db/predictions.ts";
import type { Db } from "../db.ts";
import { chooseVersion } from "../domain/registry/chooseVersion.ts";
import { type NoPrediction, noPrediction } from "./noPrediction.ts";

export type Answer =
  | { readonly kind: "PREDICTED"; readonly prediction: StoredPrediction }
  | { readonly kind: "NONE"; readonly none: NoPrediction };

const modelCode = "country-risk";

export function createAnswerLoader(db: Db, tenant: string): DataLoader<string, Answer> {
  return new DataLoader(async (codes) => {
    const [serving] = await db.findServing([modelCode]);
    if (!serving) return codes.map(() => toNone(noPrediction("NO_TRAINED_VERSION", modelCode)));
    const versionOf = new Map(codes.map((code) => [code, chooseVersion(serving, code)]));
    const predictions = await db.findNewestPredictions(tenant, [...new Set(versionOf.values())], codes);
    const answers = new Map(
      predictions
        .filter(({ subjectKey, modelVersionId }) => versionOf.get(subjectKey) === modelVersionId)
        .map((prediction) => [prediction.subjectKey, prediction]),
    );
    const missing = codes.filter((code) => !answers.has(code));
    const heard = new Set(
      missing.length === 0
        ? []
        : (await db.findCurrentWindows(missing)).map(({ countryCode }) => countryCode),
    );
    return codes.map((code): Answer => {
      const prediction = answers.get(code);
      if (prediction) return { kind: "PREDICTED", prediction };
      return toNone(noPrediction(heard.has(code) ? "NOT_YET" : "NOTHING_HEARD", code));
    });
  });
}

function toNone(none: NoPrediction): Answer {
  return { kind: "NONE", none };
}
