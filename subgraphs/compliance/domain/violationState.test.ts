import { describe, expect, test } from "@jest/globals";
import { currentStatus, explainWrongState, nextStatus, refuseExpiry } from "./violationState.ts";

const now = new Date("2026-03-03T12:00:00Z");
const later = new Date("2026-03-04T12:00:00Z");
const open = { status: "OPEN", waivedUntil: null };
const waived = { status: "WAIVED", waivedUntil: later };
const runOut = { status: "WAIVED", waivedUntil: now };
const resolved = { status: "RESOLVED", waivedUntil: null };

describe("currentStatus", () => {
  test("keeps a waiver until its last moment and opens the violation at it", () => {
    expect(currentStatus(waived, now)).toBe("WAIVED");
    expect(currentStatus(waived, new Date(later.getTime() - 1))).toBe("WAIVED");
    expect(currentStatus(waived, later)).toBe("OPEN");
  });

  test("takes a waiver without an end for none", () => {
    expect(currentStatus({ status: "WAIVED", waivedUntil: null }, now)).toBe("OPEN");
  });

  test("throws for a status that the table cannot hold", () => {
    expect(() => currentStatus({ status: "PASSED", waivedUntil: null }, now)).toThrow('"PASSED"');
    expect(() => currentStatus({ status: "toString", waivedUntil: null }, now)).toThrow('"toString"');
  });
});

describe("nextStatus", () => {
  test.each([
    [open, "waive", "WAIVED"],
    [open, "startRemediation", "IN_REMEDIATION"],
    [{ status: "IN_REMEDIATION", waivedUntil: null }, "waive", "WAIVED"],
    [{ status: "IN_REMEDIATION", waivedUntil: null }, "startRemediation", "IN_REMEDIATION"],
    [waived, "waive", null],
    [waived, "startRemediation", "IN_REMEDIATION"],
    [runOut, "waive", "WAIVED"],
    [resolved, "waive", null],
    [resolved, "startRemediation", null],
  ] as const)("%j, %s: %s", (state, action, next) => {
    expect(nextStatus(state, action, now)).toBe(next);
  });
});

test("explains which states would have allowed the action", () => {
  expect(explainWrongState(waived, "waive", now)).toBe(
    "expected a violation that is OPEN or IN_REMEDIATION; got one that is WAIVED",
  );
});

test("refuses a waiver that ends now or earlier", () => {
  expect(refuseExpiry(later, now)).toBeNull();
  expect(refuseExpiry(now, now)).toBe("expected `expiresAt` in the future; got 2026-03-03T12:00:00.000Z");
});
