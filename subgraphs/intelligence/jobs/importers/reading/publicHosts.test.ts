import { describe, expect, test } from "@jest/globals";
import { assertPublicHost, isPublicAddress } from "./publicHosts.ts";

describe("isPublicAddress", () => {
  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "ff02::1",
    "localhost",
    "",
  ])("refuses %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"])(
    "allows %s",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe("assertPublicHost", () => {
  // The URL parser turns every spelling of an address into the plain one.
  test.each([
    "http://127.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://[::1]/",
    "http://169.254.169.254/",
  ])("refuses %s", (url) => {
    expect(() => assertPublicHost(new URL(url))).toThrow("expected a public host");
  });

  test("leaves names to the look-up, which knows their address", () => {
    expect(() => assertPublicHost(new URL("https://www.cisa.gov/"))).not.toThrow();
  });
});
