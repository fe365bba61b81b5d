import { describe, expect, test } from "@jest/globals";
import { clientAddress } from "./clientAddress.ts";

describe("clientAddress", () => {
  test("is the socket's when no proxy is trusted, whatever a header says", () => {
    expect(clientAddress("192.0.2.1", "203.0.113.9", 0)).toBe("192.0.2.1");
  });

  test("is what the outermost trusted proxy saw, not what the client wrote before it", () => {
    expect(clientAddress("10.0.0.1", "6.6.6.6, 203.0.113.9", 1)).toBe("203.0.113.9");
    expect(clientAddress("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", 2)).toBe("203.0.113.9");
    expect(clientAddress("10.0.0.1", undefined, 1)).toBe("10.0.0.1");
  });

  test("of IPv6 only the network counts, because a caller has all of its addresses", () => {
    const networks = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:0DB8:0001:0002::"].map((address) =>
      clientAddress(address, undefined, 0),
    );
    expect(new Set(networks)).toEqual(new Set(["2001:db8:1:2::/64"]));
    expect(clientAddress("::1", undefined, 0)).toBe("0:0:0:0::/64");
    expect(clientAddress("::ffff:192.0.2.1", undefined, 0)).toBe("192.0.2.1");
  });
});
