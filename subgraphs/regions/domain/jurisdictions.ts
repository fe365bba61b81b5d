/** The jurisdictions whose rules Atlas keeps, and which of them a country belongs to. */

export const jurisdictions = [
  { code: "US", name: "United States", laws: ["CCPA"], residency: "us", allowedRegions: ["us-east"] },
  {
    code: "EU",
    name: "European Union and European Economic Area",
    laws: ["GDPR"],
    residency: "eu",
    allowedRegions: ["eu-west"],
  },
  // No region stands in Brazil. Until one does, data under the LGPD stays in the region that Atlas's operator has
  // bound by contract (LGPD Art. 33, II): us-east.
  { code: "BR", name: "Brazil", laws: ["LGPD"], residency: "br", allowedRegions: ["us-east"] },
  { code: "AP", name: "Asia-Pacific", laws: ["PDPA"], residency: "ap", allowedRegions: ["ap-southeast"] },
  {
    code: "GLOBAL",
    name: "Rest of the world",
    laws: [],
    residency: "global",
    allowedRegions: ["us-east", "eu-west", "ap-southeast"],
  },
] as const;

export type JurisdictionCode = (typeof jurisdictions)[number]["code"];

/** Members of the European Union and of the European Economic Area, where the GDPR holds (EEA Joint Committee Decision 154/2018). */
const gdprCountries = new Set(
  "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO".split(" "),
);

/** Parts of the world, by the United Nations' geoscheme, whose data is kept in ap-southeast. */
const asiaPacific = new Set([
  "South-Eastern Asia",
  "Eastern Asia",
  "Southern Asia",
  "Australia and New Zealand",
  "Melanesia",
  "Micronesia",
  "Polynesia",
]);

export function jurisdictionOf(country: {
  readonly code: string;
  readonly subregion: string | null;
}): JurisdictionCode {
  if (country.code === "US") return "US";
  if (country.code === "BR") return "BR";
  if (gdprCountries.has(country.code)) return "EU";
  return country.subregion !== null && asiaPacific.has(country.subregion) ? "AP" : "GLOBAL";
}
