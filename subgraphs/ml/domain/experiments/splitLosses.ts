/** Losses of an experiment by arm: a country counts for the version that answered for it, and for no other. */
import { chooseVersion, type Serving } from "../registry/chooseVersion.ts";
import type { Outcomes } from "./judgeExperiment.ts";

export type Loss = { readonly versionId: string; readonly countryCode: string; readonly loss: number };

export function splitLosses(
  experiment: NonNullable<Serving["experiment"]>,
  losses: readonly Loss[],
): { readonly control: Outcomes; readonly treatment: Outcomes } {
  const serving = { championId: experiment.controlVersionId, experiment };
  const shown = losses.filter(
    ({ versionId, countryCode }) => chooseVersion(serving, countryCode) === versionId,
  );
  const toOutcomes = (versionId: string): Outcomes =>
    summarise(shown.filter((loss) => loss.versionId === versionId).map(({ loss }) => loss));
  return {
    control: toOutcomes(experiment.controlVersionId),
    treatment: toOutcomes(experiment.treatmentVersionId),
  };
}

function summarise(losses: readonly number[]): Outcomes {
  const count = losses.length;
  if (count === 0) return { count, mean: 0, variance: 0 };
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / count;
  return { count, mean, variance: losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / count };
}
