import { expect, test } from "@jest/globals";
import type { RegionStatus } from "../../gateway/routing/rankRegions.ts";
import { regionPlaces } from "./places.ts";
import { type Client, estimateLatency, routeClient } from "./routeClient.ts";

const route = (client: Client, statuses: Readonly<Record<string, RegionStatus>> = {}) =>
  routeClient(client, regionPlaces, (region) => statuses[region] ?? "SERVING");

test.each([
  ["DE", "eu-west"],
  ["BR", "us-east"],
  ["JP", "ap-southeast"],
  ["NZ", "ap-southeast"],
  ["US", "us-east"],
  ["NG", "eu-west"],
])("a client in %s is sent to %s", (country, region) => {
  expect(route({ country, residency: "global" })).toMatchObject({ kind: "region", region, isBlind: false });
});

test("a client whose country is not known, or is none, is sent to the first region", () => {
  expect(route({ residency: "global" })).toMatchObject({ region: "us-east" });
  expect(route({ country: "XX", residency: "global" })).toMatchObject({ region: "us-east" });
});

test("data of one jurisdiction goes to a region that may hold it, however far, and to no other when that is down", () => {
  expect(route({ country: "JP", residency: "eu" })).toMatchObject({ region: "eu-west", ranked: ["eu-west"] });
  expect(route({ country: "JP", residency: "eu" }, { "eu-west": "DOWN" })).toEqual({
    kind: "down",
    regions: ["eu-west"],
  });
});

test("global data goes on in the next region", () => {
  expect(route({ country: "US", residency: "global" }, { "us-east": "DOWN" })).toMatchObject({
    region: "eu-west",
  });
});

test("when nobody is healthy everybody is offered for global data, and that is said", () => {
  const down = { "us-east": "DOWN", "eu-west": "DOWN", "ap-southeast": "DOWN" } as const;
  expect(route({ country: "DE", residency: "global" }, down)).toMatchObject({
    region: "eu-west",
    isBlind: true,
  });
  expect(route({ country: "DE", residency: "eu" }, down)).toMatchObject({ kind: "down" });
});

test("latency is estimated from the distance: Dublin and Singapore are 11,200 km apart", () => {
  const [dublin, singapore] = [regionPlaces[1], regionPlaces[2]];
  if (!dublin || !singapore) throw new Error("expected three places");
  expect(estimateLatency(dublin, singapore)).toBeCloseTo(149, -1);
  expect(estimateLatency(dublin, dublin)).toBe(0);
});
