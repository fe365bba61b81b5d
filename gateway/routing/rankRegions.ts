/**
 * Which regions a request may go to, best first: the one decision of the gateway, of the local router and of the
 * configurations for Route 53 and Cloudflare. The law comes first and is never traded for speed; health is a hard limit too;
 * among those that are left, here is better than elsewhere, then near better than far.
 */

export type RegionStatus = "SERVING" | "DRAINING" | "DOWN" | "RETURNING";

export type Place = {
  readonly region: string;
  /** Residencies whose rows may be stored there, as ids have them: `global`, `eu`. */
  readonly holds: readonly string[];
  readonly status: RegionStatus;
  readonly isHere: boolean;
  /** From where the request is; null when it is not known, which counts as far. */
  readonly latencyMs: number | null;
};

export type Ranked =
  | { readonly kind: "regions"; readonly regions: readonly string[] }
  /** `regions` are those that the law allows; none of them serves. */
  | { readonly kind: "down"; readonly regions: readonly string[] }
  /** No region may hold such rows. */
  | { readonly kind: "unknown" };

/** Of equals the first in `places` comes first. */
export function rankRegions(places: readonly Place[], residency: string): Ranked {
  const lawful = places.filter(({ holds }) => holds.includes(residency));
  if (lawful.length === 0) return { kind: "unknown" };
  const serving = lawful.filter(({ status }) => status === "SERVING");
  if (serving.length === 0) return { kind: "down", regions: lawful.map(({ region }) => region) };
  const ranked = [...serving].sort(
    (a, b) => Number(b.isHere) - Number(a.isHere) || distance(a) - distance(b),
  );
  return { kind: "regions", regions: ranked.map(({ region }) => region) };
}

function distance({ latencyMs }: Place): number {
  return latencyMs ?? Number.MAX_SAFE_INTEGER;
}
