/** Earthquakes of the USGS feeds (https://earthquake.usgs.gov/earthquakes/feed/v1.0/geojson.php). */
import { z } from "zod";
import { findCountryInText, findCountryOfPlace, findNearestCountry } from "./countries.ts";
import { createRows } from "./createRows.ts";
import { latitude, longitude, ownId, text, toShare, toSlug, toTitle, toWebUrl } from "./fields.ts";
import type { Importer, ParsedRecord } from "./importer.ts";
import { parseFields, refuseFuture } from "./recordFault.ts";
import { isStateOfUs } from "./usStates.ts";

const code = "usgs-earthquakes";
const rows = createRows(code);

export const usgs: Importer = {
  name: "usgs",
  source: {
    code,
    name: "Earthquakes",
    publisher: "United States Geological Survey",
    domain: "INFRASTRUCTURE",
    licence: "US public domain",
    reliability: "A",
    url: "https://earthquake.usgs.gov/earthquakes/feed/",
  },
  format: { kind: "json", array: "features" },
  dated: "record",
  createParser:
    ({ now }) =>
    (record) =>
      parseFeature(record, now),
};

/** Milliseconds since 1970 within what a Date can hold. */
const epochMs = z
  .number()
  .int()
  .min(-8.64e15)
  .max(8.64e15)
  .transform((ms) => new Date(ms));

const schema = z.object({
  id: ownId,
  geometry: z.object({ coordinates: z.tuple([longitude, latitude], z.number().nullable()) }),
  properties: z.object({
    mag: z.number().min(-10).max(12),
    place: text(300).nullable(),
    time: epochMs,
    updated: epochMs,
    url: z.string().max(2_000),
    alert: z.string().max(20).nullish(),
    status: z.string().max(20),
    tsunami: z.number().int(),
    felt: z.number().int().nullish(),
    magType: z.string().max(20).nullish(),
    type: text(60),
    title: text(300),
  }),
});

type Feature = z.output<typeof schema>;

function parseFeature(record: unknown, now: Date): ParsedRecord {
  const { id, geometry, properties } = parseFields(schema, record);
  const [east, north, depthKm] = geometry.coordinates;
  const signal = rows.signal({
    sourceId: id,
    domain: "INFRASTRUCTURE",
    kind: toSlug(properties.type),
    title: toTitle(properties.title),
    severity: rateEarthquake(properties),
    // A seismologist looked at it, or only a program did.
    confidence: properties.status === "reviewed" ? 0.95 : 0.6,
    url: toWebUrl(properties.url),
    countryCode: findCountry(properties.place, north, east),
    latitude: north,
    longitude: east,
    observedAt: refuseFuture("properties.time", properties.time, now),
    updatedAt: refuseFuture("properties.updated", properties.updated, now),
    attributes: {
      magnitude: properties.mag,
      magnitudeType: properties.magType ?? null,
      depthKm: depthKm ?? null,
      place: properties.place,
      status: properties.status,
      alert: properties.alert ?? null,
      felt: properties.felt ?? null,
      tsunami: properties.tsunami === 1,
    },
  });
  return { type: properties.type, signals: [signal] };
}

/**
 * Magnitude 1 and less is 0, magnitude 9 is 1, straight between. PAGER's alert (https://earthquake.usgs.gov/data/pager/)
 * knows of people and buildings, so it lifts the severity to a floor; so does a tsunami warning.
 */
function rateEarthquake({ mag, alert, tsunami }: Feature["properties"]): number {
  const floor = alertFloors.get(alert ?? "") ?? 0;
  return toShare(Math.max((mag - 1) / 8, floor, tsunami === 1 ? 0.5 : 0));
}

const alertFloors = new Map([
  ["yellow", 0.6],
  ["orange", 0.8],
  ["red", 0.95],
]);

/** `4km W of Castaic, CA` is in the US: in this feed a state's name or abbreviation stands for it. */
function findCountry(place: string | null, north: number, east: number): string | null {
  const last =
    place
      ?.split(",")
      .at(-1)
      ?.trim()
      .replace(/ region$/i, "") ?? "";
  if (isStateOfUs(last) && isInAmericas(east)) return "US";
  if (last === "MX") return "MX";
  return (
    findCountryOfPlace(last) ??
    (place === null ? null : findCountryInText(place)) ??
    findNearestCountry(north, east)
  );
}

/** Tells the state of Georgia from the country. */
function isInAmericas(east: number): boolean {
  return east < -30 || east > 170;
}
