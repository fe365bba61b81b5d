import { expect, test } from "@jest/globals";
import { type RepairEvidence, whyRepair } from "./whyRepair.ts";

const day = 24 * 3_600_000;
const now = new Date(10 * day);
const serving = { code: "us-east", status: "SERVING", since: null };
const other = { code: "eu-west", status: "SERVING", since: new Date(0) };
const quiet: RepairEvidence = {
  region: "us-east",
  regions: [serving, other],
  repairedAt: new Date(now.getTime() - 1),
  joinedAt: new Date(0),
  now,
};
const at = (ms: number) => new Date(ms);

test.each<[string | null, Partial<RepairEvidence>]>([
  [null, {}],
  ["returned", { regions: [{ ...serving, status: "RETURNING", since: at(5) }, other], repairedAt: at(5) }],
  [
    "returned",
    { regions: [{ ...serving, status: "RETURNING", since: at(5) }, other], repairedAt: undefined },
  ],
  [null, { regions: [{ ...serving, status: "RETURNING", since: at(5) }, other], repairedAt: at(10 * day) }],
  ["eu-west was lost", { regions: [serving, { ...other, status: "DOWN", since: now }] }],
  [null, { regions: [serving, { ...other, status: "DOWN", since: at(0) }] }],
  [null, { regions: [serving, { ...other, status: "DOWN", since: null }] }],
  ["a day has passed", { repairedAt: at(9 * day) }],
  ["a day has passed", { repairedAt: undefined }],
  [null, { repairedAt: undefined, joinedAt: at(9 * day + 1) }],
])("answers %s", (cause, change) => {
  expect(whyRepair({ ...quiet, ...change })).toBe(cause);
});
