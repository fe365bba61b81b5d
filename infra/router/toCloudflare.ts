/**
 * The same decisions for Cloudflare's load balancing: a monitor, a pool for each region, a load balancer for each residency
 * (https://developers.cloudflare.com/api/resources/load_balancers/). One of a single jurisdiction has no other pool to fall
 * back to: Cloudflare then answers for the pool that is down, whose gateway does not, and no other gets the request.
 */
import type { FailoverClock } from "../../subgraphs/regions/domain/failover/clock.ts";
import type { RegionPlace } from "./places.ts";
import { residenciesOf, toName } from "./toRoute53.ts";

type RoutingClock = Pick<
  FailoverClock,
  "probeEveryMs" | "probeTimeoutMs" | "missesUntilDown" | "goodsUntilServing" | "answerLastsMs"
>;

export function toCloudflare(zone: string, places: readonly RegionPlace[], clock: RoutingClock) {
  return {
    monitor: {
      description: "atlas-ready",
      type: "https",
      method: "GET",
      path: "/health/ready",
      port: 443,
      expected_codes: "200",
      interval: clock.probeEveryMs / 1_000,
      timeout: clock.probeTimeoutMs / 1_000,
      retries: 0,
      consecutive_down: clock.missesUntilDown,
      consecutive_up: clock.goodsUntilServing,
    },
    pools: places.map(({ region, host, latitude, longitude }) => ({
      name: `atlas-${region}`,
      monitor: "{{atlas-ready}}",
      latitude,
      longitude,
      minimum_origins: 1,
      origins: [{ name: region, address: `${host}.${zone}`, enabled: true, weight: 1 }],
    })),
    loadBalancers: residenciesOf(places).map((residency) => {
      const lawful = places.filter(({ holds }) => holds.includes(residency));
      return {
        name: `${toName(residency)}.${zone}`,
        ttl: clock.answerLastsMs / 1_000,
        proxied: false,
        steering_policy: "geo",
        default_pools: lawful.map(toPool),
        fallback_pool: lawful.slice(-1).map(toPool)[0],
        region_pools: Object.fromEntries(
          places.flatMap((near) =>
            near.cloudflareRegions.map((name) => [name, nearFirst(lawful, near).map(toPool)] as const),
          ),
        ),
      };
    }),
  };
}

function nearFirst(lawful: readonly RegionPlace[], near: RegionPlace): readonly RegionPlace[] {
  return [...lawful.filter((one) => one === near), ...lawful.filter((one) => one !== near)];
}

/** The pool's id is known once it was created under that name. */
function toPool({ region }: RegionPlace): string {
  return `{{atlas-${region}}}`;
}
