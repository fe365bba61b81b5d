/**
 * The one region that learns from global examples of a country. Every region holds them, so without a home each would be
 * learned from three times. By continent, since the file of countries has it; where data may be stored is not decided here.
 */
import { createRequire } from "node:module";
import { z } from "zod";

const homes: Readonly<Record<string, string>> = {
  Americas: "us-east",
  Europe: "eu-west",
  Africa: "eu-west",
  Asia: "ap-southeast",
  Oceania: "ap-southeast",
  Antarctic: "ap-southeast",
};

const countries = z
  .array(z.object({ cca2: z.string().length(2), region: z.string() }))
  .parse(createRequire(import.meta.url)("world-countries/countries.json"));

const regionOfCountry = new Map(countries.map(({ cca2, region }) => [cca2, homes[region]]));

/** `us-east` for a code that is no country's: somebody has to learn from it. */
export function homeRegionOf(countryCode: string): string {
  return regionOfCountry.get(countryCode) ?? "us-east";
}
