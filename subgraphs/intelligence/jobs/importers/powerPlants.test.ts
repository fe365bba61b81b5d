import { describe, expect, test } from "@jest/globals";
import { powerPlants } from "./powerPlants.ts";

const updatedAt = new Date("2026-03-01T00:00:00Z");
const parse = powerPlants.createParser({ updatedAt, now: updatedAt, header: {} });

const plant = {
  gppd_idnr: "USA0007268",
  country: "USA",
  name: "491 E 48th Street",
  capacity_mw: "161.7",
  latitude: "42.7553",
  longitude: "-86.0853",
  primary_fuel: "Gas",
  commissioning_year: "1996.13",
  owner: "City of Holland",
};

describe("power-plants", () => {
  test("gives an asset with place, power, fuel and owner", () => {
    expect(parse(plant).entities).toMatchObject([
      {
        sourceId: "USA0007268",
        kind: "ASSET",
        countryCode: "US",
        latitude: 42.7553,
        longitude: -86.0853,
        attributes: {
          capacityMw: 161.7,
          primaryFuel: "Gas",
          commissioningYear: 1996,
          owner: "City of Holland",
        },
        updatedAt,
      },
    ]);
  });

  test("takes a blank year and a blank owner for unknown", () => {
    expect(parse({ ...plant, commissioning_year: "", owner: " " }).entities?.[0]?.attributes).toMatchObject({
      commissioningYear: null,
      owner: null,
    });
  });

  test.each([
    ["a country that is none", { country: "XXX" }, "country: expected a country of ISO 3166-1"],
    ["no power", { capacity_mw: "0" }, "capacity_mw: "],
    ["a latitude beyond the pole", { latitude: "-91" }, "latitude: "],
    ["a longitude of NaN", { longitude: "NaN" }, 'longitude: expected a number; got "NaN"'],
    ["a name of 1 MB", { name: "x".repeat(1_048_576) }, "name: expected at most 500 characters; got 1048576"],
    ["a missing fuel", { primary_fuel: undefined }, "primary_fuel: "],
  ])("refuses %s", (_name, change, reason) => {
    expect(() => parse({ ...plant, ...change })).toThrow(reason);
  });
});
