/**
 * Keeps imports from URLs to public hosts (server-side request forgery): the name is resolved once, and the connection
 * goes to that very address, so a name that changes its address between check and use gains nothing.
 */
import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { ImportError } from "../importError.ts";

/** For host names; takes the place of dns.lookup in a socket's options. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    if (refused !== undefined) return callback(refusal(`${hostname} (${refused.address})`), []);
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    if (first === undefined) return callback(refusal(`${hostname} (no address)`), []);
    return callback(null, first.address, first.family);
  });
};

/** For addresses in the URL itself, which no look-up passes. Throws LOCATION_REFUSED. */
export function assertPublicHost({ hostname }: URL): void {
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address) !== 0 && !isPublicAddress(address)) throw refusal(address);
}

export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !reserved.check(address, "ipv4");
  // IPv4 inside IPv6 (mapped, 6to4, NAT64) is refused as a whole: nobody needs it to read a feed.
  return isIP(address) === 6 && global.check(address, "ipv6") && !reserved.check(address, "ipv6");
}

/** Not globally reachable by the IANA special-purpose registry (RFC 6890), and multicast. */
const reserved = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  reserved.addSubnet(network, prefix, "ipv4");
}
reserved.addSubnet("2001::", 23, "ipv6");
reserved.addSubnet("2001:db8::", 32, "ipv6");
reserved.addSubnet("2002::", 16, "ipv6");
reserved.addSubnet("3fff::", 20, "ipv6");

/** The only block of IPv6 that is given out for global unicast. */
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

function refusal(host: string): ImportError {
  return new ImportError(
    "LOCATION_REFUSED",
    `expected a public host; ${host} is not one. Add --allow-private to read from it all the same`,
  );
}
