/** What the router's zone answers: `api`, `<residency>.api`, `<country>.geo.api`, and each region by its name. */
import type { RegionStatus } from "../../gateway/routing/rankRegions.ts";
import { codes, type DnsRecord, type Question, type Reply, types } from "./dnsMessage.ts";
import type { RegionPlace } from "./places.ts";
import { type Client, routeClient } from "./routeClient.ts";

export type Zone = {
  readonly zone: string;
  readonly places: readonly RegionPlace[];
  readonly statusOf: (region: string) => RegionStatus;
  /** Where the region's gateway listens. */
  readonly addressOf: (region: string) => { readonly address: string; readonly port: number };
  /** How long clients may keep an answer. */
  readonly ttlS: number;
};

export function answerDns({ name, type, class: classOf }: Question, zone: Zone): Reply {
  if (classOf !== 1 || (name !== zone.zone && !name.endsWith(`.${zone.zone}`))) return empty(codes.REFUSED);
  const labels = name.slice(0, -zone.zone.length - 1);
  if (labels === "") return empty(codes.NOERROR);
  const place = zone.places.find(({ host }) => host === labels || `_https._tcp.${host}` === labels);
  if (place !== undefined)
    return { code: codes.NOERROR, records: select(type, recordsOf(name, place, zone)) };

  const client = readClient(labels.replace(/^_https\._tcp\./, ""));
  if (client === null) return empty(codes.NXDOMAIN);
  const route = routeClient(client, zone.places, zone.statusOf);
  // Silence would be cached as "there is no such name"; this says "ask again".
  if (route.kind !== "region") return empty(route.kind === "down" ? codes.SERVFAIL : codes.NXDOMAIN);
  const chosen = zone.places.find(({ region }) => region === route.region);
  if (chosen === undefined) throw new Error(`expected a place for ${route.region}`);
  const target = `${chosen.host}.${zone.zone}`;
  if (type === types.SRV)
    return { code: codes.NOERROR, records: select(type, recordsOf(name, chosen, zone)) };
  const alias = { name, ttlS: zone.ttlS, type: "CNAME", target } as const;
  return { code: codes.NOERROR, records: [alias, ...select(type, recordsOf(target, chosen, zone))] };
}

/** `api`, `eu.api`, `de.geo.api`. Null for another name. */
function readClient(labels: string): Client | null {
  const [, country, residency] = /^(?:([a-z]{2})\.geo\.|([a-z]+)\.)?api$/.exec(labels) ?? [];
  if (!/^(?:[a-z]{2}\.geo\.|[a-z]+\.)?api$/.test(labels)) return null;
  return { country, residency: residency ?? "global" };
}

function recordsOf(name: string, { region, host }: RegionPlace, zone: Zone): readonly DnsRecord[] {
  const { address, port } = zone.addressOf(region);
  return [
    { name, ttlS: zone.ttlS, type: "A", address },
    { name, ttlS: zone.ttlS, type: "SRV", target: `${host}.${zone.zone}`, port, priority: 0 },
  ];
}

function select(type: number, records: readonly DnsRecord[]): readonly DnsRecord[] {
  return records.filter((record) => type === types.ANY || types[record.type] === type);
}

function empty(code: number): Reply {
  return { code, records: [] };
}
