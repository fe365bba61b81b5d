import { toSplit } from "../../db/rounds.ts";
import type { Db } from "../../db.ts";
import type { TrainerExamples } from "./takeTurns.ts";

/** What the trainer of a region has in the database of its region. */
export function createOwnExamples(db: Db, dataset: string, region: string): TrainerExamples {
  return {
    summarise: () => db.summariseExamples({ dataset, holdOutFrom: null }, region),
    load: async (task) =>
      (await db.findTrainingExamples(toSplit(task), region)).map(({ features, label }) => ({
        input: Float32Array.from(features),
        label,
      })),
  };
}
