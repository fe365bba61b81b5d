import { expect, test } from "@jest/globals";
import { parseRegionsConfig } from "./config.ts";

test("reads the gateways of the other regions, or none", () => {
  const { peerGateways } = parseRegionsConfig({
    ATLAS_PEER_GATEWAYS: "eu-west=http://127.0.0.1:4100,ap-southeast=https://ap.example/x?y=z",
  });
  expect([...peerGateways]).toEqual([
    ["eu-west", "http://127.0.0.1:4100"],
    ["ap-southeast", "https://ap.example/x?y=z"],
  ]);
  expect(parseRegionsConfig({}).peerGateways.size).toBe(0);
});

test.each(["eu-west", "eu-west=ftp://x", "=http://x", "eu-west=http://", "eu-west=http://x,,y"])(
  "refuses %s by the name of the variable and without its value",
  (text) => {
    expect(() => parseRegionsConfig({ ATLAS_PEER_GATEWAYS: text })).toThrow(
      /ATLAS_PEER_GATEWAYS: expected region=url/,
    );
  },
);
