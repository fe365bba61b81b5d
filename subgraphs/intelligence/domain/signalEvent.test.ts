import { expect, test } from "@jest/globals";
import { parseSignalEvent } from "./signalEvent.ts";

const event = {
  id: "0192b1c4-0000-7000-8000-000000000001",
  tenant: "acme",
  residency: "eu",
  sourceCode: "analyst",
  domain: "CYBER",
  countryCode: null,
  severity: 0.5,
  observedAt: "2026-03-03T12:00:00.000Z",
};

test("reads what the trigger writes", () => {
  expect(parseSignalEvent(Buffer.from(JSON.stringify(event)))).toEqual({
    ...event,
    observedAt: new Date("2026-03-03T12:00:00.000Z"),
  });
});

test.each([
  ["a deletion", null],
  ["no JSON", "{"],
  ["no object", "[]"],
  ["a missing tenant", JSON.stringify({ ...event, tenant: undefined })],
  ["a severity that is no number", JSON.stringify({ ...event, severity: "high" })],
])("gives null for %s", (_title, value) => {
  expect(parseSignalEvent(value === null ? null : Buffer.from(value))).toBeNull();
});
