import { describe, expect, test } from "@jest/globals";
import { Partitioners } from "kafkajs";
import { murmur2, partitionOf } from "./partitionOf.ts";

describe("partitionOf", () => {
  // The vectors of Kafka's own test: clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2.
  test.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ])("hashes %s as Kafka does", (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  test("agrees with kafkajs on keys of every length and on bytes that are no text", () => {
    const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({
      partitionId,
      leader: 1,
      partitionErrorCode: 0,
      replicas: [],
      isr: [],
    }));
    const theirs = Partitioners.DefaultPartitioner();
    for (let length = 0; length < 200; length += 1) {
      const key = Buffer.from(Array.from({ length }, (_, at) => (at * 151 + length * 37) & 0xff));
      const message = { key, value: null };
      expect(partitionOf(key, 7)).toBe(theirs({ topic: "any", partitionMetadata, message }));
    }
  });
});
