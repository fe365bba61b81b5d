/** Whose address a request came from, for those who are known by nothing else. */
import { isIPv6 } from "node:net";

/**
 * `proxies` is how many proxies of ours stand before the gateway: each adds the address it saw to X-Forwarded-For, and what
 * is left of theirs anybody may have written.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  proxies: number,
): string {
  const seen = forwardedFor?.split(",").map((address) => address.trim());
  const address = (proxies > 0 ? seen?.at(-proxies) : undefined) ?? socketAddress ?? "unknown";
  // The colon first: what Node looks for is a long pattern, and most addresses have none.
  return address.includes(":") && isIPv6(address) ? toNetwork(address) : address;
}

/** One customer has a /64 of IPv6, and can send each request from another address of it. */
function toNetwork(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = "", tail] = address.split("%", 1)[0]?.split("::") ?? [];
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill("0"), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
