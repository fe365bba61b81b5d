import { expect, test } from "@jest/globals";
import { refuseOrder } from "./refuseOrder.ts";

const both = [
  { code: "us-east", status: "SERVING" },
  { code: "eu-west", status: "SERVING" },
] as const;
const one = [both[0], { code: "eu-west", status: "RETURNING" }] as const;

test.each([
  ["DRAIN", "us-east", both, undefined],
  ["FAIL_OVER", "us-east", one, "LAST_REGION"],
  ["DRAIN", "us-east", one, "LAST_REGION"],
  ["DRAIN", "eu-west", one, undefined],
  ["REJOIN", "us-east", one, undefined],
  ["DRAIN", "mars", both, "REGION_UNKNOWN"],
  ["REJOIN", "us-east", null, "REGION_ALONE"],
] as const)("%s %s is refused or taken as it should", (kind, code, regions, reason) => {
  expect(refuseOrder(kind, code, regions)?.reason).toBe(reason);
});
