/** Countries of ISO 3166-1 as the npm package world-countries has them (ODbL; mledoze/countries). */
import { createRequire } from "node:module";
import { z } from "zod";

export type CountryFacts = {
  readonly code: string;
  readonly alpha3: string;
  readonly name: string;
  readonly officialName: string;
  readonly continent: string;
  readonly subregion: string | null;
  readonly latitude: number;
  readonly longitude: number;
  readonly areaKm2: number | null;
};

const entry = z.object({
  cca2: z.string().length(2),
  cca3: z.string().length(3),
  name: z.object({ common: z.string(), official: z.string() }),
  region: z.string(),
  subregion: z.string(),
  latlng: z.tuple([z.number(), z.number()]),
  area: z.number(),
});

/** In order of their codes. */
export function countries(): CountryFacts[] {
  const raw: unknown = createRequire(import.meta.url)("world-countries/countries.json");
  return z
    .array(entry)
    .parse(raw)
    .map(({ cca2, cca3, name, region, subregion, latlng: [latitude, longitude], area }) => ({
      code: cca2,
      alpha3: cca3,
      name: name.common,
      officialName: name.official,
      continent: region,
      subregion: subregion === "" ? null : subregion,
      latitude,
      longitude,
      // The package writes -1 for areas it does not know.
      areaKm2: area > 0 ? area : null,
    }))
    .sort((a, b) => a.code.localeCompare(b.code, "en"));
}
