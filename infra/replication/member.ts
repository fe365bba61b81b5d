/** The regions that replicate with each other, and the names that everything between two of them has. */
import { jurisdictions } from "../../subgraphs/regions/domain/jurisdictions.ts";

export type Member = {
  /** Code of the region, such as `us-east`. */
  readonly region: string;
  /** Residencies whose rows may be stored there, `global` first. */
  readonly holds: readonly string[];
  /** A standby inside the jurisdiction takes no traffic and holds whatever this region holds. */
  readonly standbyOf?: string;
};

/** Who may hold what follows from the jurisdictions alone. */
export const members: readonly Member[] = toMembers(jurisdictions);

export function toMembers(
  laws: readonly { readonly residency: string; readonly allowedRegions: readonly string[] }[],
): readonly Member[] {
  const regions = [...new Set(laws.flatMap(({ allowedRegions }) => allowedRegions))];
  return regions.map((region) => ({
    region,
    holds: laws
      .filter(({ allowedRegions }) => allowedRegions.includes(region))
      .map(({ residency }) => residency)
      .sort((a, b) => Number(b === "global") - Number(a === "global") || a.localeCompare(b)),
  }));
}

/** What keeps a region's resident rows when its disk is lost: no other region may. */
export function standbyFor({ region }: Member): Member {
  return { region: `${region}-standby`, holds: ["global"], standbyOf: region };
}

export function getMember(region: string): Member {
  const member = members.find((one) => one.region === region);
  if (member === undefined) {
    const known = members.map((one) => one.region).join(", ");
    throw new Error(`expected one of the regions ${known}; got ${JSON.stringify(region)}`);
  }
  return member;
}

/** Also the slot's name at the sender and the application_name that synchronous_standby_names knows. */
export function subscriptionName(from: string, to: string): string {
  return `${to}_from_${from}`.replaceAll("-", "_");
}

export function publicationName(to: string): string {
  return `for_${to}`.replaceAll("-", "_");
}

/** The role as which `to` reads: the policies of the log let it see what may leave for there. */
export function receiverRole(to: string): string {
  return `atlas_to_${to}`.replaceAll("-", "_");
}
