import { describe, expect, test } from "@jest/globals";
import { erasureDueAt, findErasureUnderWay } from "./requestErasure.ts";

describe("erasureDueAt", () => {
  test.each([
    ["2026-03-03T12:00:00.000Z", "2026-04-03T12:00:00.000Z"],
    ["2026-01-31T23:59:59.999Z", "2026-02-28T23:59:59.999Z"],
    ["2028-01-31T00:00:00.000Z", "2028-02-29T00:00:00.000Z"],
    ["2026-10-31T00:30:00.000Z", "2026-11-30T00:30:00.000Z"],
    ["2026-12-15T00:00:00.000Z", "2027-01-15T00:00:00.000Z"],
  ])("asked %s, due %s", (requestedAt, dueAt) => {
    expect(erasureDueAt(new Date(requestedAt)).toISOString()).toBe(dueAt);
  });

  test("leaves the moment of the request as it is", () => {
    const requestedAt = new Date("2026-01-31T00:00:00Z");
    erasureDueAt(requestedAt);
    expect(requestedAt.toISOString()).toBe("2026-01-31T00:00:00.000Z");
  });
});

describe("findErasureUnderWay", () => {
  test("finds a request that was not begun or goes on, and no other", () => {
    const running = { status: "RUNNING" };
    expect(findErasureUnderWay([{ status: "COMPLETED" }, running])).toBe(running);
    expect(findErasureUnderWay([{ status: "REQUESTED" }])).toEqual({ status: "REQUESTED" });
    expect(findErasureUnderWay([{ status: "COMPLETED" }, { status: "REFUSED" }])).toBeNull();
    expect(findErasureUnderWay([])).toBeNull();
  });
});
