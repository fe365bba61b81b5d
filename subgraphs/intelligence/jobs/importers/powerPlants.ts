/** Power plants of WRI's Global Power Plant Database (https://datasets.wri.org/datasets/global-power-plant-database). */
import { z } from "zod";
import { findCountryByAlpha3 } from "./countries.ts";
import { createRows } from "./createRows.ts";
import { blankable, decimal, latitude, longitude, name, ownId, text } from "./fields.ts";
import type { Importer, ParsedRecord } from "./importer.ts";
import { parseFields } from "./recordFault.ts";

const code = "wri-power-plants";
const rows = createRows(code);

export const powerPlants: Importer = {
  name: "power-plants",
  source: {
    code,
    name: "Global Power Plant Database",
    publisher: "World Resources Institute",
    domain: "INFRASTRUCTURE",
    licence: "CC-BY-4.0",
    reliability: "B",
    url: "https://datasets.wri.org/datasets/global-power-plant-database",
  },
  format: {
    kind: "csv",
    delimiter: ",",
    header: true,
    quoted: true,
    columns: ["gppd_idnr", "country", "name", "capacity_mw", "latitude", "longitude", "primary_fuel"],
  },
  dated: "file",
  createParser:
    ({ updatedAt }) =>
    (record) =>
      parsePlant(record, updatedAt),
};

const schema = z.object({
  gppd_idnr: ownId,
  country: z
    .string()
    .transform(findCountryByAlpha3)
    .pipe(z.string("expected a country of ISO 3166-1, as an alpha-3 code")),
  name,
  capacity_mw: decimal.pipe(z.number().positive()),
  latitude: decimal.pipe(latitude),
  longitude: decimal.pipe(longitude),
  primary_fuel: text(60),
  // A mean of the units, weighted by their power; hence the fractions.
  commissioning_year: blankable(decimal.pipe(z.number().min(1800).max(2100))),
  owner: blankable(name),
});

function parsePlant(record: unknown, updatedAt: Date): ParsedRecord {
  const plant = parseFields(schema, record);
  const entity = rows.entity({
    sourceId: plant.gppd_idnr,
    kind: "ASSET",
    name: plant.name,
    description: `${plant.primary_fuel} power plant, ${plant.capacity_mw.toFixed(0)} MW`,
    countryCode: plant.country,
    latitude: plant.latitude,
    longitude: plant.longitude,
    attributes: {
      capacityMw: plant.capacity_mw,
      primaryFuel: plant.primary_fuel,
      commissioningYear: plant.commissioning_year === null ? null : Math.round(plant.commissioning_year),
      owner: plant.owner,
    },
    updatedAt,
  });
  return { type: "power plant", entities: [entity] };
}
