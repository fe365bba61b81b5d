import { describe, expect, test } from "@jest/globals";
import { usgs } from "./usgs.ts";

const now = new Date("2026-03-03T12:00:00Z");
const parse = usgs.createParser({ updatedAt: now, now, header: {} });

const properties = {
  mag: 5,
  place: "22km NNE of Hualian, Taiwan",
  time: Date.parse("2026-03-01T00:00:00Z"),
  updated: Date.parse("2026-03-02T00:00:00Z"),
  url: "https://earthquake.usgs.gov/earthquakes/eventpage/us1",
  alert: null,
  status: "reviewed",
  tsunami: 0,
  type: "earthquake",
  title: "M 5.0 - 22km NNE of Hualian, Taiwan",
};
const feature = (change: object = {}, coordinates: unknown = [121.7, 24.1, 10]) => ({
  type: "Feature",
  id: "us1",
  geometry: { type: "Point", coordinates },
  properties: { ...properties, ...change },
});
const signalOf = (record: unknown) => parse(record).signals?.[0];

describe("usgs", () => {
  test("gives a signal with place, time and the moment of its last change", () => {
    expect(signalOf(feature())).toMatchObject({
      sourceId: "us1",
      domain: "INFRASTRUCTURE",
      kind: "earthquake",
      severity: 0.5,
      confidence: 0.95,
      countryCode: "TW",
      latitude: 24.1,
      longitude: 121.7,
      observedAt: new Date("2026-03-01T00:00:00Z"),
      updatedAt: new Date("2026-03-02T00:00:00Z"),
      attributes: { magnitude: 5, depthKm: 10 },
    });
  });

  test.each([
    ["the smallest", { mag: -0.8 }, 0],
    ["the largest", { mag: 9.5 }, 1],
    ["one with an alert for people", { mag: 4, alert: "red" }, 0.95],
    ["one with a tsunami", { mag: 3, tsunami: 1 }, 0.5],
  ])("rates %s", (_name, change, severity) => {
    expect(signalOf(feature(change))?.severity).toBe(severity);
  });

  test.each([
    ["4km W of Castaic, CA", -118.6, 34.5, "US"],
    ["12km SSW of Nanwalek, Alaska", -151.9, 59.2, "US"],
    ["10km N of Macon, Georgia", -83.6, 32.9, "US"],
    ["10km N of Tbilisi, Georgia", 44.8, 41.8, "GE"],
    ["21km SSE of Mexicali, MX", -115.4, 32.5, "MX"],
    ["100km W of Tarawa, Kiribati region", 172, 1, "KI"],
    ["Off the east coast of the North Island of New Zealand", 178.8, -35.5, "NZ"],
    ["Banda Sea", 128.65, -6.43, "ID"],
    ["Pacific-Antarctic Ridge", -140.85, -56.93, null],
    [null, 121.7, 24.1, "TW"],
  ])("finds the country of %j", (place, east, north, country) => {
    expect(signalOf(feature({ place }, [east, north, 5]))?.countryCode).toBe(country);
  });

  test("names what is no earthquake, and trusts a program less", () => {
    expect(signalOf(feature({ type: "quarry blast", status: "automatic" }))).toMatchObject({
      kind: "quarry-blast",
      confidence: 0.6,
    });
  });

  test("gives no address that a browser must not follow", () => {
    expect(signalOf(feature({ url: "javascript:alert(1)" }))?.url).toBeNull();
  });

  test.each([
    ["no magnitude", feature({ mag: null }), "properties.mag: Invalid input: expected number, received null"],
    ["a magnitude in text", feature({ mag: "5" }), "properties.mag: "],
    ["a magnitude of NaN", feature({ mag: Number.NaN }), "properties.mag: "],
    ["a place beyond the pole", feature({}, [0, 91, 0]), "geometry.coordinates.1: "],
    ["no geometry", { ...feature(), geometry: null }, "geometry: "],
    [
      "a time to come",
      feature({ time: Date.parse("2027-01-01") }),
      "properties.time: expected a moment that has come",
    ],
    ["a change to come", feature({ updated: 8e15 }), "properties.updated: expected a moment that has come"],
    ["a time beyond all calendars", feature({ time: 1e300 }), "properties.time: "],
    [
      "a title of 1 MB",
      feature({ title: "x".repeat(1_048_576) }),
      "expected at most 300 characters; got 1048576",
    ],
  ])("refuses %s", (_name, record, reason) => {
    expect(() => parse(record)).toThrow(reason);
  });
});
