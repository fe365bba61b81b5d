import { describe, expect, test } from "@jest/globals";
import { createRetryBudget } from "./retryBudget.ts";
import { chooseWaitMs, parseRetryAfter } from "./retryWait.ts";

const policy = { attemptsMax: 3, waitMs: 100, waitMaxMs: 300, share: 0.1 };

describe("chooseWaitMs", () => {
  test("is a random part of a wait that doubles up to its limit", () => {
    const waits = [0, 1, 2, 9].map((attempt) => chooseWaitMs(policy, attempt, undefined, () => 0.5));
    expect(waits).toEqual([50, 100, 150, 150]);
    expect(chooseWaitMs(policy, 0, undefined, () => 0)).toBe(0);
  });

  test("is never shorter than Retry-After, in seconds or as a date", () => {
    expect(chooseWaitMs(policy, 0, "2", () => 0.5)).toBe(2_000);
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:03 GMT", now)).toBe(3_000);
    expect(parseRetryAfter("Thu, 01 Jan 2025 00:00:03 GMT", now)).toBe(0);
    expect(parseRetryAfter("soon", now)).toBeUndefined();
  });
});

describe("retryBudget", () => {
  test("spends its reserve, and then one in ten calls", () => {
    const { earn, spend } = createRetryBudget(0.1);
    for (let at = 0; at < 10; at += 1) expect(spend()).toBe(true);
    expect(spend()).toBe(false);
    let spent = 0;
    for (let at = 0; at < 100; at += 1) {
      earn();
      if (spend()) spent += 1;
    }
    expect(spent).toBeGreaterThanOrEqual(9);
    expect(spent).toBeLessThanOrEqual(10);
  });

  test("of a share of nothing there is nothing", () => {
    expect(createRetryBudget(0).spend()).toBe(false);
  });
});
