/** Facts for tests: countries that are calm or tense for months on end, so that what was heard tells what will be. */
import { naturalId } from "../../shared/ids.ts";
import { createSeededRandom } from "../../shared/seededRandom.ts";
import type { FactRow } from "../db/facts.ts";
import { domains } from "../domain/examples/extractFeatures.ts";

const stepMs = 10 * 24 * 60 * 60_000;

export type GenerateOptions = {
  readonly countries: readonly string[];
  /** Of ten days. */
  readonly steps: number;
  readonly until: Date;
};

export function generateFacts({ countries, steps, until }: GenerateOptions): readonly FactRow[] {
  return countries.flatMap((countryCode, index) => {
    const random = createSeededRandom(`facts/${countryCode}`);
    let isTense = index % 2 === 0;
    return Array.from({ length: steps }, (_, step): FactRow => {
      if (random.next() < 0.02) isTense = !isTense;
      const isSevere = isTense ? random.next() < 0.97 : random.next() < 0.02;
      return {
        id: naturalId("public", "test-fact", countryCode, String(step)),
        residency: "global",
        countryCode,
        domain: domains[index % domains.length] ?? "SOCIAL",
        severity: isSevere ? 0.6 + 0.3 * random.next() : 0.4 * random.next(),
        observedAt: new Date(until.getTime() - (steps - step) * stepMs + random.next() * stepMs),
      };
    });
  });
}
