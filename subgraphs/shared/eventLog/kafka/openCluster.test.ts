import { describe, expect, test } from "@jest/globals";
import { parseKafkaUrl } from "./openCluster.ts";

describe("parseKafkaUrl", () => {
  test("reads a list of brokers, and IPv6", () => {
    expect(parseKafkaUrl("kafka://a.example:9092,b.example:9093,[::1]:9094")).toEqual({
      brokers: ["a.example:9092", "b.example:9093", "[::1]:9094"],
      ssl: false,
    });
  });

  test("kafkas speaks TLS, and a user signs in by SCRAM", () => {
    expect(parseKafkaUrl("kafkas://atlas:p%40ss@a.example:9094/")).toEqual({
      brokers: ["a.example:9094"],
      ssl: true,
      sasl: { mechanism: "scram-sha-512", username: "atlas", password: "p@ss" },
    });
  });

  test.each(["kafka://", "kafka://a", "kafka://a:1,", "http://a:1", "kafkas://u:secret@a"])(
    "refuses %s without repeating it",
    (url) => {
      expect(() => parseKafkaUrl(url)).toThrow(
        "expected kafka://host:port,host:port or kafkas://user:password@host:port,…",
      );
    },
  );
});
