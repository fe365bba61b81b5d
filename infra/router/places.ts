/** Where the regions stand and what they are called outside: one table for the local router, Route 53 and Cloudflare. */
import { members } from "../replication/member.ts";

export type RegionPlace = {
  readonly region: string;
  readonly holds: readonly string[];
  /** Decimal degrees. */
  readonly latitude: number;
  readonly longitude: number;
  /** Name of its gateways below the zone. */
  readonly host: string;
  /** The nearest region of AWS, by which Route 53 knows latencies. */
  readonly awsRegion: string;
  /** Cloudflare's regions whose clients come here first (https://developers.cloudflare.com/load-balancing/reference/region-mapping-api/). */
  readonly cloudflareRegions: readonly string[];
};

const whereabouts: Readonly<Record<string, Omit<RegionPlace, "region" | "holds">>> = {
  "us-east": {
    latitude: 38.9,
    longitude: -77.4,
    host: "us-east",
    awsRegion: "us-east-1",
    cloudflareRegions: ["ENAM", "WNAM", "NSAM", "SSAM"],
  },
  "eu-west": {
    latitude: 53.3,
    longitude: -6.3,
    host: "eu-west",
    awsRegion: "eu-west-1",
    cloudflareRegions: ["WEU", "EEU", "NAF", "SAF", "ME"],
  },
  "ap-southeast": {
    latitude: 1.35,
    longitude: 103.8,
    host: "ap-southeast",
    awsRegion: "ap-southeast-1",
    cloudflareRegions: ["SAS", "SEAS", "NEAS", "OC"],
  },
};

/** In the order of the members: of equals the first is chosen. */
export const regionPlaces: readonly RegionPlace[] = members.map(({ region, holds }) => {
  const place = whereabouts[region];
  if (place === undefined) throw new Error(`expected a place for every region; ${region} has none`);
  return { region, holds, ...place };
});

/** Below it: `api` for any region, `<residency>.api` for one that may hold such rows, and each region by its name. */
export const localZone = "atlas.test";
