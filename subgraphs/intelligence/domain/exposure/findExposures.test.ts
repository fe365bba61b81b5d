import { expect, test } from "@jest/globals";
import { findExposures } from "./findExposures.ts";

const near = { id: "near", latitude: 34.1, longitude: -118 };
const far = { id: "far", latitude: 40, longitude: -118 };
const across = { id: "across", latitude: -16.5, longitude: 179.9 };
const strong = { id: "strong", latitude: 34, longitude: -118, magnitude: 6, depthKm: 10 };
const weak = { ...strong, id: "weak", magnitude: 2 };

test("lists who was shaken, strongest first, and leaves out who was not", () => {
  const found = findExposures([far, near], [weak, strong], 2);
  expect(found.map(({ place, earthquake }) => [place.id, earthquake.id])).toEqual([
    ["near", "strong"],
    ["far", "strong"],
  ]);
  expect(found[0]?.km).toBeCloseTo(11.12, 1);
  expect(findExposures([far, near], [weak, strong], 4).map(({ place }) => place.id)).toEqual(["near"]);
});

test("looks across the 180th meridian", () => {
  const [found] = findExposures([across], [{ ...strong, latitude: -16.5, longitude: -179.9 }], 3);
  expect(found?.km).toBeLessThan(25);
});
