/** Finds countries by the names and codes that sources use: ISO 3166-1 alpha-2 codes, from world-countries. */
import { createRequire } from "node:module";
import { z } from "zod";
import { distanceKm } from "../../domain/distanceKm.ts";

/** Null when the code is none of ISO 3166-1 alpha-3: an aggregate such as `WLD`, or a code of the source's own. */
export function findCountryByAlpha3(code: string): string | null {
  return byAlpha3.get(code.toUpperCase()) ?? null;
}

/** By any of its names, in any case; null when nothing is called that. */
export function findCountryByName(name: string): string | null {
  return byName.get(normalise(name)) ?? null;
}

/** By the last part of a place such as `Nassau, New Providence, Bahamas, The`. */
export function findCountryOfPlace(place: string): string | null {
  const parts = place.split(",").map((part) => part.trim());
  const last = parts.at(-1) ?? "";
  const before = parts.at(-2) ?? "";
  return (
    findCountryByName(last) ??
    (parts.length > 1 ? findCountryByName(`${last} ${before}`) : null) ??
    (isNameSuffix(last) ? findCountryByName(before) : null)
  );
}

/** The country that a text names somewhere in it; of several the longest name, as it says the most. */
export function findCountryInText(text: string): string | null {
  const words = ` ${normalise(text)} `;
  let best: { readonly name: string; readonly code: string } | null = null;
  for (const [name, code] of byName) {
    if (name.length > (best?.name.length ?? 3) && words.includes(` ${name} `)) best = { name, code };
  }
  return best?.code ?? null;
}

/**
 * The country nearest to a point, at most 300 km off its shore; null at sea. Each country is taken as a disc of its
 * area around its middle: good enough to tell whose waters a point is in, never to draw a border.
 */
export function findNearestCountry(latitude: number, longitude: number): string | null {
  let nearest: { readonly code: string; readonly km: number } | null = null;
  for (const { cca2, latlng, area } of countries) {
    const km = distanceKm([latitude, longitude], latlng) - Math.sqrt(Math.max(0, area) / Math.PI);
    if (km <= 300 && km < (nearest?.km ?? Number.POSITIVE_INFINITY)) nearest = { code: cca2, km };
  }
  return nearest?.code ?? null;
}

export function nameOfCountry(code: string): string {
  return byAlpha2.get(code) ?? code;
}

const countries = z
  .array(
    z.object({
      cca2: z.string().length(2),
      cca3: z.string().length(3),
      name: z.object({ common: z.string(), official: z.string() }),
      altSpellings: z.array(z.string()),
      latlng: z.tuple([z.number(), z.number()]),
      area: z.number(),
    }),
  )
  .parse(createRequire(import.meta.url)("world-countries/countries.json"));

const byAlpha2 = new Map(countries.map(({ cca2, name }) => [cca2, name.common]));

/** Codes that CAMEO and the World Bank use beside ISO's. */
const byAlpha3 = new Map([
  ...countries.map(({ cca2, cca3 }) => [cca3, cca2] as const),
  ["XKX", "XK"],
  ["ROM", "RO"],
  ["TMP", "TL"],
  ["ZAR", "CD"],
]);

/** Names that sources use and world-countries does not list. */
const otherNames = {
  Turkey: "TR",
  "West Bank": "PS",
  "Gaza Strip": "PS",
  "U.S. Virgin Islands": "VI",
  "South Sandwich Islands": "GS",
  "Ivory Coast": "CI",
  "Cape Verde": "CV",
  Swaziland: "SZ",
  Macedonia: "MK",
} as const;

const byName = new Map<string, string>();
for (const names of [
  countries.map(({ name, cca2 }) => [name.common, cca2] as const),
  countries.map(({ name, cca2 }) => [name.official, cca2] as const),
  Object.entries(otherNames),
  countries.flatMap(({ altSpellings, cca2 }) =>
    altSpellings.filter((name) => name !== cca2).map((name) => [name, cca2] as const),
  ),
]) {
  // The first to claim a name has it: `Congo` is an alternative spelling of two.
  for (const [name, code] of names) if (!byName.has(normalise(name))) byName.set(normalise(name), code);
}

function normalise(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .replace(/^the /, "");
}

function isNameSuffix(part: string): boolean {
  return /^(the|(democratic )?(people'?s )?(islamic )?republic( of)?( the)?)$/i.test(part);
}
