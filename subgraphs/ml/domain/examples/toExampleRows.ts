/**
 * The examples of one country as rows. Those of global signals alone may be in every region: one region learns from them,
 * and all of them can be held out. With resident signals an example is resident too, stays where it was built, and is
 * learned from there only.
 */
import { naturalId, type Residency } from "../../../shared/ids.ts";
import { residenciesOfRegion } from "../rounds/regionResidencies.ts";
import { buildExamples, countrySignals, type Example, type Span } from "./countrySignals.ts";
import type { SignalFact } from "./extractFeatures.ts";
import { homeRegionOf } from "./homeRegion.ts";

export type ResidentFact = SignalFact & { readonly residency: Residency | string };

export type ExampleRow = {
  readonly id: string;
  readonly dataset: string;
  readonly tenant: string;
  readonly residency: string;
  readonly subjectGroup: string;
  /** BY_TIME: learned from or held out, as a run splits. */
  readonly part: "TRAIN" | "HOLD_OUT" | "BY_TIME";
  readonly features: readonly number[];
  readonly label: number;
  readonly observedAt: Date;
  readonly labelAt: Date;
  readonly subjectKey: string;
  readonly homeRegion: string;
};

export function toExampleRows(
  countryCode: string,
  facts: readonly ResidentFact[],
  span: Span,
): readonly ExampleRow[] {
  const home = homeRegionOf(countryCode);
  const global = facts.filter(({ residency }) => residency === "global");
  const residencies = [...new Set(facts.map(({ residency }) => residency))].filter(
    (residency) => residency !== "global",
  );
  const toRow = (part: ExampleRow["part"], residency: string) => (example: Example) => ({
    id: naturalId(
      "public",
      "training-example",
      countrySignals.dataset,
      part,
      residency,
      countryCode,
      example.end.toISOString(),
    ),
    dataset: countrySignals.dataset,
    tenant: "public",
    residency,
    // Nobody's person: the group for which privacy is accounted is everything that a region learns from.
    subjectGroup: `${countrySignals.dataset}/${residency === "global" ? home : residency}`,
    part,
    features: [...example.features],
    label: example.label,
    observedAt: example.end,
    labelAt: example.labelAt,
    subjectKey: countryCode,
    homeRegion: home,
  });
  // Where the home region has resident signals of its own, its examples have them and stand in place of the global ones.
  const isReplaced = residencies.some((residency) => residenciesOfRegion(home).includes(residency));
  const examples = buildExamples(global, span);
  return [
    ...examples.map(toRow(isReplaced ? "HOLD_OUT" : "BY_TIME", "global")),
    ...residencies.flatMap((residency) =>
      buildExamples(
        facts.filter((fact) => fact.residency === "global" || fact.residency === residency),
        span,
      ).map(toRow("TRAIN", residency)),
    ),
  ];
}
