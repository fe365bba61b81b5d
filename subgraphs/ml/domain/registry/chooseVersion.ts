import { assignVariant } from "../experiments/assignVariant.ts";

export type Serving = {
  readonly championId: string;
  /** The experiment that runs; null when none does. */
  readonly experiment: {
    readonly id: string;
    readonly controlVersionId: string;
    readonly treatmentVersionId: string;
    readonly share: number;
  } | null;
};

/** Which version answers for a subject, such as a country: the same one for as long as the experiment runs. */
export function chooseVersion({ championId, experiment }: Serving, subject: string): string {
  if (!experiment) return championId;
  const variant = assignVariant(experiment.id, subject, experiment.share);
  return variant === "TREATMENT" ? experiment.treatmentVersionId : experiment.controlVersionId;
}
