import { expect, test } from "@jest/globals";
import { hashPushToken } from "./hashPushToken.ts";

// FIPS 180-2, appendix B.1.
test("a push token is kept as its SHA-256, in hexadecimal", () => {
  expect(hashPushToken("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
