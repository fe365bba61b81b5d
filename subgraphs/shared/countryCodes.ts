/** ISO 3166-1 alpha-2 codes of all countries in the npm package world-countries (ODbL; mledoze/countries). */
import { createRequire } from "node:module";
import { z } from "zod";

export function countryCodes(): string[] {
  const raw: unknown = createRequire(import.meta.url)("world-countries/countries.json");
  return z
    .array(z.object({ cca2: z.string().length(2) }))
    .parse(raw)
    .map(({ cca2 }) => cca2)
    .sort();
}
