/** Route 53 and Cloudflare are told what the local router decides. */
import { describe, expect, test } from "@jest/globals";
import { failoverClock } from "../../subgraphs/regions/domain/failover/clock.ts";
import { regionPlaces } from "./places.ts";
import { routeClient } from "./routeClient.ts";
import { toCloudflare } from "./toCloudflare.ts";
import { toRoute53 } from "./toRoute53.ts";

const zone = "atlas.example";
const residencies = ["global", "us", "br", "eu", "ap"];
const nameOf = (residency: string) => (residency === "global" ? `api.${zone}` : `${residency}.api.${zone}`);
const lawful = (residency: string): readonly string[] => {
  const route = routeClient({ residency }, regionPlaces, () => "SERVING");
  return route.kind === "region" ? [...route.ranked].sort() : [];
};

describe("Route 53", () => {
  const { healthChecks, records } = toRoute53(zone, regionPlaces, failoverClock);

  test.each(residencies)("has records of just those regions that may hold %s", (residency) => {
    const sets = records.Changes.map(({ ResourceRecordSet }) => ResourceRecordSet);
    const found = sets.filter(({ Name }) => Name === nameOf(residency));
    expect(found.map(({ SetIdentifier }) => SetIdentifier).sort()).toEqual(lawful(residency));
  });

  test("checks as often as witnesses do, by an interval that it knows", () => {
    for (const { HealthCheckConfig } of healthChecks)
      expect(HealthCheckConfig).toMatchObject({ RequestInterval: 30, FailureThreshold: 3 });
  });
});

describe("Cloudflare", () => {
  const { pools, loadBalancers } = toCloudflare(zone, regionPlaces, failoverClock);
  const regionOf = (pool: string | undefined) => pool?.replace(/^\{\{atlas-(.*)\}\}$/, "$1") ?? "";

  test.each(residencies)(
    "sends requests for %s to just those regions that may hold it, even as a last resort",
    (residency) => {
      const balancer = loadBalancers.find(({ name }) => name === nameOf(residency));
      const named = [
        ...(balancer?.default_pools ?? []),
        balancer?.fallback_pool,
        ...Object.values(balancer?.region_pools ?? {}).flat(),
      ];
      expect([...new Set(named.map(regionOf))].sort()).toEqual(lawful(residency));
    },
  );

  test("sends clients of every part of the world to the nearest pool first", () => {
    const api = loadBalancers.find(({ name }) => name === nameOf("global"));
    for (const { region, cloudflareRegions } of regionPlaces)
      for (const part of cloudflareRegions) expect(regionOf(api?.region_pools[part]?.[0])).toBe(region);
    expect(pools.map(({ name }) => name)).toEqual(regionPlaces.map(({ region }) => `atlas-${region}`));
  });
});
