/** What the questions of `npm run show:fusion` are answered from: everything that is imported, for everybody to read. */
import type { Prisma } from "../../../prisma/generated/client.ts";
import type { CountryEvidence } from "./assessments.ts";

export type PlantRow = {
  readonly id: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly capacityMw: number;
};

export type EarthquakeRow = {
  readonly id: string;
  readonly title: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly magnitude: number;
  readonly depthKm: number;
  readonly observedAt: Date;
};

export type VendorVulnerability = { readonly vendor: string; readonly text: string };

export type AssetRow = { readonly id: string; readonly name: string; readonly techniqueCount: number };

export function createExposureQueries(prisma: Prisma.TransactionClient) {
  return {
    findPlants: (): Promise<PlantRow[]> =>
      prisma.$queryRaw<PlantRow[]>`
        SELECT id, name, latitude, longitude, (attributes ->> 'capacityMw')::float8 AS "capacityMw"
        FROM intelligence.entity
        WHERE tenant = 'public' AND source_code = 'wri-power-plants' AND latitude IS NOT NULL AND longitude IS NOT NULL`,

    findEarthquakes: (): Promise<EarthquakeRow[]> =>
      prisma.$queryRaw<EarthquakeRow[]>`
        SELECT id, title, latitude, longitude, (attributes ->> 'magnitude')::float8 AS magnitude,
          coalesce((attributes ->> 'depthKm')::float8, 0) AS "depthKm", observed_at AS "observedAt"
        FROM intelligence.signal
        WHERE tenant = 'public' AND source_code = 'usgs-earthquakes' AND kind = 'earthquake' AND NOT revoked
          AND latitude IS NOT NULL AND longitude IS NOT NULL`,

    /** Vulnerabilities that are exploited, each once for its vendor. */
    findVendorVulnerabilities: (): Promise<VendorVulnerability[]> =>
      prisma.$queryRaw<VendorVulnerability[]>`
        SELECT vendor.name AS vendor,
          concat_ws('. ', array_to_string(vulnerability.aliases, '. '), vulnerability.attributes ->> 'product',
            vulnerability.description) AS text
        FROM intelligence.entity_relation has
        JOIN intelligence.entity vendor ON vendor.id = has.from_entity_id
        JOIN intelligence.entity vulnerability ON vulnerability.id = has.to_entity_id
        WHERE has.tenant = 'public' AND has.source_code = 'cisa-kev' AND has.kind = 'has'`,

    /**
     * Falls of GDP, and events of GDELT by the tone in which they are told: as for mentions, -20 and below is the gravest
     * (jobs/importers/gdeltMentions.ts). At most `signalsMax` of each country and source, the newest.
     */
    findToneAndGdp: (signalsMax: number): Promise<CountryEvidence[]> =>
      prisma.$queryRaw<CountryEvidence[]>`
        SELECT s.id, s."countryCode", s.domain, s.severity, s.confidence, s."observedAt", s.url, s."sourceCode",
          s."sourceId", source.reliability
        FROM (
          SELECT id, country_code AS "countryCode", domain, confidence, observed_at AS "observedAt", url,
            source_code AS "sourceCode", source_id AS "sourceId",
            CASE source_code WHEN 'gdelt-events'
              THEN least(1, greatest(0, -(attributes ->> 'averageTone')::float8 / 20)) ELSE severity END AS severity,
            row_number() OVER (PARTITION BY country_code, source_code ORDER BY observed_at DESC, id DESC) AS place
          FROM intelligence.signal
          WHERE tenant = 'public' AND NOT revoked AND country_code IS NOT NULL
            AND (source_code = 'gdelt-events' OR (source_code = 'worldbank-gdp' AND kind = 'gdp-fall'))
        ) s JOIN intelligence.source source ON source.code = s."sourceCode"
        WHERE s.place <= ${signalsMax} ORDER BY s."countryCode", s.id`,

    /** Kinds of asset that ATT&CK knows, with how many of its techniques target each. */
    findAttackedAssets: (): Promise<AssetRow[]> =>
      prisma.$queryRaw<AssetRow[]>`
        SELECT asset.id, asset.name, count(DISTINCT technique.id)::int AS "techniqueCount"
        FROM intelligence.entity asset
        JOIN intelligence.entity_relation targets ON targets.to_entity_id = asset.id AND targets.kind = 'targets'
        JOIN intelligence.entity technique ON technique.id = targets.from_entity_id AND technique.kind = 'TECHNIQUE'
        WHERE asset.tenant = 'public' AND asset.source_code = 'mitre-attack' AND asset.kind = 'ASSET'
          AND asset.attributes ->> 'status' = 'current' AND technique.attributes ->> 'status' = 'current'
        GROUP BY asset.id, asset.name ORDER BY asset.name, asset.id`,
  };
}
