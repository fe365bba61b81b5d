import { expect, test } from "@jest/globals";
import { passRate } from "./passRate.ts";

test("counts a check that could not be made as one that did not pass", () => {
  expect(passRate({ passed: 3, failed: 0, errored: 1 })).toBe(0.75);
});

test("is null when no check applies, and never NaN", () => {
  expect(passRate({ passed: 0, failed: 0, errored: 0 })).toBeNull();
});
