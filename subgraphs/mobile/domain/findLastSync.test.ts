import { describe, expect, test } from "@jest/globals";
import { findLastSync } from "./findLastSync.ts";

const early = new Date("2026-03-01T00:00:00Z");
const late = new Date("2026-03-02T00:00:00Z");

describe("findLastSync", () => {
  test("gives the newest time, whatever the order, and looks past pins that wait", () => {
    expect(findLastSync([{ syncedAt: late }, { syncedAt: null }, { syncedAt: early }])).toBe(late);
    expect(findLastSync([{ syncedAt: early }, { syncedAt: late }])).toBe(late);
  });

  test("gives null where nothing is pinned or nothing has synced", () => {
    expect(findLastSync([])).toBeNull();
    expect(findLastSync([{ syncedAt: null }])).toBeNull();
  });
});
