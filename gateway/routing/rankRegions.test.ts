import { expect, test } from "@jest/globals";
import { type Place, rankRegions } from "./rankRegions.ts";

const us: Place = {
  region: "us-east",
  holds: ["global", "us", "br"],
  status: "SERVING",
  isHere: false,
  latencyMs: 90,
};
const eu: Place = {
  region: "eu-west",
  holds: ["global", "eu"],
  status: "SERVING",
  isHere: false,
  latencyMs: 20,
};
const ap: Place = {
  region: "ap-southeast",
  holds: ["global", "ap"],
  status: "SERVING",
  isHere: false,
  latencyMs: null,
};

test.each<[string, readonly Place[], string, ReturnType<typeof rankRegions>]>([
  [
    "near before far, unknown last",
    [us, eu, ap],
    "global",
    { kind: "regions", regions: ["eu-west", "us-east", "ap-southeast"] },
  ],
  [
    "here before near",
    [{ ...us, isHere: true }, eu],
    "global",
    { kind: "regions", regions: ["us-east", "eu-west"] },
  ],
  ["the law before here", [{ ...us, isHere: true }, eu], "eu", { kind: "regions", regions: ["eu-west"] }],
  [
    "nobody in place of a lawful region that is down",
    [us, { ...eu, status: "DOWN" }, ap],
    "eu",
    { kind: "down", regions: ["eu-west"] },
  ],
  [
    "no region that drains",
    [us, { ...eu, status: "DRAINING" }],
    "global",
    { kind: "regions", regions: ["us-east"] },
  ],
  [
    "no region that has only just returned",
    [us, { ...eu, status: "RETURNING" }],
    "global",
    { kind: "regions", regions: ["us-east"] },
  ],
  ["nothing for a residency that no law knows", [us, eu, ap], "mars", { kind: "unknown" }],
])("gives %s", (_what, places, residency, expected) => {
  expect(rankRegions(places, residency)).toEqual(expected);
});
