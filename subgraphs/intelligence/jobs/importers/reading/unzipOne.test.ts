import { crc32, deflateRawSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { zipOne } from "../testing/zipOne.ts";
import { unzipOne } from "./unzipOne.ts";

const content = Buffer.from("one line\n".repeat(1_000));

test.each([
  ["deflated", 8],
  ["stored", 0],
] as const)("a file that is %s comes out as it went in", (_how, method) => {
  expect(unzipOne(zipOne("events.CSV", content, { method }), 100_000).equals(content)).toBe(true);
});

test.each([
  ["no archive", Buffer.from("<html>not found</html>"), "its directory is not there"],
  ["an empty answer", Buffer.alloc(0), "its directory is not there"],
  ["another content than its checksum says", zipOne("a", content, { checksum: 1 }), "checksum"],
  ["a size beyond the limit", zipOne("a", Buffer.alloc(200_000)), "at most 100000 bytes"],
  [
    "a bomb that lies about its size",
    zipOne("a", Buffer.alloc(200_000), { length: 10 }),
    "cannot be unpacked",
  ],
  ["content that is cut short", cutShort(), "cannot be unpacked"],
])("%s is refused, with the reason", (_what, archive, reason) => {
  expect(() => unzipOne(archive, 100_000)).toThrow(reason);
});

function cutShort(): Buffer {
  const packed = deflateRawSync(content);
  return zipOne("a", content, { packed: packed.subarray(0, packed.length - 20), checksum: crc32(content) });
}
