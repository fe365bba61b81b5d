/** Three questions that need several sources at once, answered from what is imported. */
import type { Db } from "../../db.ts";
import { findExposures } from "../../domain/exposure/findExposures.ts";
import { createAssetFinder } from "../../domain/exposure/findNamedAssets.ts";
import { findLastHeard } from "../../domain/fusion/decayConfidence.ts";
import { fuse } from "../../domain/fusion/fuse.ts";
import { originOf } from "../../domain/fusion/originOf.ts";

export type PlantExposure = {
  readonly plant: string;
  readonly capacityMw: number;
  readonly earthquake: string;
  readonly km: number;
  readonly intensity: number;
};

/** Light shaking, felt indoors by many: IV on the Modified Mercalli scale. */
export const intensityMin = 4;

/** Of each plant the strongest shaking, strongest first. */
export async function findExposedPlants(
  db: Pick<Db, "findPlants" | "findEarthquakes">,
): Promise<PlantExposure[]> {
  const [plants, earthquakes] = await Promise.all([db.findPlants(), db.findEarthquakes()]);
  const strongest = new Map<string, PlantExposure>();
  for (const { place, earthquake, km, intensity } of findExposures(plants, earthquakes, intensityMin)) {
    if (strongest.has(place.id)) continue;
    const { name: plant, capacityMw } = place;
    strongest.set(place.id, { plant, capacityMw, earthquake: earthquake.title, km, intensity });
  }
  return [...strongest.values()];
}

export type VendorExposure = {
  readonly vendor: string;
  /** Of its vulnerabilities that are exploited, those whose description names a kind of asset of ATT&CK. */
  readonly exploited: number;
  readonly assets: readonly string[];
  /** Techniques of ATT&CK that target those assets, each counted once for each asset. */
  readonly techniqueCount: number;
};

/** Most exploited first; then by name. */
export async function findExploitedVendors(
  db: Pick<Db, "findVendorVulnerabilities" | "findAttackedAssets">,
): Promise<VendorExposure[]> {
  const [vulnerabilities, assets] = await Promise.all([
    db.findVendorVulnerabilities(),
    db.findAttackedAssets(),
  ]);
  const findAssets = createAssetFinder(assets);
  const vendors = new Map<string, { exploited: number; ids: Set<string> }>();
  for (const { vendor, text } of vulnerabilities) {
    const ids = findAssets(text);
    if (ids.length === 0) continue;
    const known = vendors.get(vendor) ?? { exploited: 0, ids: new Set() };
    vendors.set(vendor, { exploited: known.exploited + 1, ids: new Set([...known.ids, ...ids]) });
  }
  return [...vendors]
    .map(([vendor, { exploited, ids }]) => {
      const named = assets.filter(({ id }) => ids.has(id));
      const techniqueCount = named.reduce((sum, asset) => sum + asset.techniqueCount, 0);
      return { vendor, exploited, assets: named.map(({ name }) => name), techniqueCount };
    })
    .sort((one, other) => other.exploited - one.exploited || one.vendor.localeCompare(other.vendor));
}

export type CountryToneRisk = {
  readonly country: string;
  readonly score: number;
  readonly level: string;
  readonly domains: readonly string[];
};

/** The newest of each country and domain that are read; as for stored assessments. */
const signalsMax = 500;

/** Late fusion of the tone of events and of falls of GDP. Those that both are known of come first, by their score. */
export async function fuseToneAndGdp(db: Pick<Db, "findToneAndGdp">, now: Date): Promise<CountryToneRisk[]> {
  const evidence = await db.findToneAndGdp(signalsMax);
  const lastHeard = findLastHeard(evidence, now);
  const countries = [...new Set(evidence.map(({ countryCode }) => countryCode))];
  return countries
    .flatMap((country) => {
      const signals = evidence
        .filter(({ countryCode }) => countryCode === country)
        .map((row) => ({ ...row, origin: originOf(row) }));
      const risk = fuse(signals, lastHeard, { kind: "late" });
      if (risk === null) return [];
      const { score, level, contributions } = risk;
      return [{ country, score, level, domains: contributions.map(({ domain }) => domain) }];
    })
    .sort((one, other) => other.domains.length - one.domains.length || other.score - one.score);
}
