import { naturalId } from "../../../shared/ids.ts";
import type { SeedRows } from "../../db.ts";
import { driftThreshold, measureStability } from "../../domain/measureStability.ts";
import { type LogisticModel, predict } from "../../domain/predict.ts";
import { generateExamples } from "./generateExamples.ts";

const weekMs = 7 * 24 * 60 * 60_000;
const sampleSize = 500;
/** How far the generated world moves from week to week, in deviations: enough for the last one to be called drift. */
const shifts = [0, 0.15, 0.6] as const;

/** One report for each version and week, measured on generated weeks against a generated reference. */
export function driftRows(
  versions: readonly { readonly id: string; readonly parameters: LogisticModel }[],
  world: LogisticModel,
  now: Date,
): SeedRows["driftReports"] {
  return versions.flatMap(({ id, parameters }) => {
    const probabilitiesOf = (key: string, shift: number): number[] =>
      generateExamples(world, key, sampleSize, shift).map(
        ({ values }) => predict(parameters, values).probability,
      );
    const reference = probabilitiesOf("drift/reference", 0);
    return shifts.map((shift, week) => {
      const statistic = measureStability(reference, probabilitiesOf(`drift/week-${week}`, shift));
      return {
        id: naturalId("public", "drift-report", id, String(week)),
        modelVersionId: id,
        detector: "population-stability-index",
        statistic,
        threshold: driftThreshold,
        drifted: statistic > driftThreshold,
        measuredAt: new Date(now.getTime() - (shifts.length - 1 - week) * weekMs),
      };
    });
  });
}
