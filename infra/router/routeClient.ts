/** Which region a client is sent to: its whereabouts, what its data may do, and who is healthy. */
import { type Ranked, type RegionStatus, rankRegions } from "../../gateway/routing/rankRegions.ts";
import { countries } from "../../subgraphs/regions/countries.ts";
import type { RegionPlace } from "./places.ts";

export type Client = {
  /** ISO 3166-1 alpha-2; undefined when it is not known. */
  readonly country?: string | undefined;
  /** Of the data that it will ask for; `global` for any. A claim of a token never gets here: ids and the law decide. */
  readonly residency: string;
};

export type Route =
  | {
      readonly kind: "region";
      readonly region: string;
      /** All that would do, best first. */
      readonly ranked: readonly string[];
      /** True when no region is known to be healthy and all that the law allows are offered. */
      readonly isBlind: boolean;
    }
  | Exclude<Ranked, { kind: "regions" }>;

/**
 * Where nobody is healthy it offers everybody for global data, as Route 53 does: the router may be the one that is cut off.
 * For data of one jurisdiction it says that its region is down.
 */
export function routeClient(
  { country, residency }: Client,
  places: readonly RegionPlace[],
  statusOf: (region: string) => RegionStatus,
): Route {
  const from = country === undefined ? undefined : whereIs(country);
  const toPlaces = (status: (region: string) => RegionStatus) =>
    places.map((place) => ({
      region: place.region,
      holds: place.holds,
      status: status(place.region),
      isHere: false,
      latencyMs: from === undefined ? null : estimateLatency(from, place),
    }));
  const ranked = rankRegions(toPlaces(statusOf), residency);
  if (ranked.kind === "regions") return toRoute(ranked.regions, false);
  if (ranked.kind === "unknown" || residency !== "global") return ranked;
  const all = rankRegions(
    toPlaces(() => "SERVING"),
    residency,
  );
  return all.kind === "regions" ? toRoute(all.regions, true) : all;
}

function toRoute(ranked: readonly string[], isBlind: boolean): Route {
  const [region] = ranked;
  if (region === undefined) throw new Error("expected at least one region");
  return { kind: "region", region, ranked, isBlind };
}

type Point = { readonly latitude: number; readonly longitude: number };

const points = new Map<string, Point>();

/** Undefined for a country that ISO 3166-1 does not know. */
function whereIs(country: string): Point | undefined {
  if (points.size === 0) for (const { code, ...point } of countries()) points.set(code, point);
  return points.get(country.toUpperCase());
}

/** There and back along a great circle, at the speed of light in glass and a third more for the way that cables take. */
export function estimateLatency(a: Point, b: Point): number {
  const [phi, psi] = [radians(a.latitude), radians(b.latitude)];
  const half = (angle: number): number => Math.sin(angle / 2) ** 2;
  const h = half(psi - phi) + Math.cos(phi) * Math.cos(psi) * half(radians(b.longitude - a.longitude));
  const km = 2 * 6_371 * Math.asin(Math.sqrt(Math.min(1, h)));
  return Math.round((km * 2 * 1.33) / 200);
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
