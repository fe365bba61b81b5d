import { describe, expect, test } from "@jest/globals";
import { type PolicyFacts, selectFacts, toTimeFacts } from "./facts.ts";

const facts: PolicyFacts = {
  caller: {
    kind: "identified",
    subject: "u-1",
    tenant: "acme",
    roles: ["b", "a"],
    scopes: [],
    clearance: "amber",
    purpose: null,
    region: "us-east",
    jurisdiction: "us",
    claims: { department: "north", badge: 7 },
  },
  time: toTimeFacts(Date.parse("2026-11-24T11:30:00Z")),
  environment: { profile: "production", region: "us-east" },
};

describe("selectFacts", () => {
  test("takes what is named and nothing else", () => {
    expect(selectFacts(facts, ["caller.roles", "caller.claims.department", "time.weekday"]).facts).toEqual({
      caller: { roles: ["a", "b"], claims: { department: "north" } },
      time: { weekday: "tuesday" },
      environment: {},
    });
  });

  test("gives callers who differ in nothing that is read one key", () => {
    const reads = ["caller.clearance", "caller.roles"];
    const other = {
      ...facts,
      caller: { ...facts.caller, subject: "u-2", roles: ["a", "b"], region: "eu-west" },
    };
    expect(selectFacts(other, reads).key).toBe(selectFacts(facts, [...reads].reverse()).key);
    const cleared = { ...facts, caller: { ...facts.caller, clearance: "red" } };
    expect(selectFacts(cleared, reads).key).not.toBe(selectFacts(facts, reads).key);
  });

  test("tells of what is not there as null", () => {
    expect(selectFacts(facts, ["caller.claims.absent"]).facts).toMatchObject({
      caller: { claims: { absent: null } },
    });
  });
});

test("toTimeFacts counts days from 1970 in UTC", () => {
  expect(toTimeFacts(0)).toEqual({ day: 0, hour: 0, weekday: "thursday" });
  expect(toTimeFacts(Date.parse("2026-03-03T23:59:59Z"))).toEqual({
    day: 20_515,
    hour: 23,
    weekday: "tuesday",
  });
});
