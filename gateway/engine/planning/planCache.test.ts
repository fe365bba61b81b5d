import { describe, expect, test } from "@jest/globals";
import { createPlanCache } from "./planCache.ts";
import type { QueryPlan } from "./queryPlan.ts";

const plan = (): QueryPlan => ({ kind: "operation", node: undefined });
const limits = { plansMax: 2, sizeMax: 10_000 };

describe("planCache", () => {
  test("makes a plan once for all who wait and all who come later", async () => {
    const cache = createPlanCache(limits);
    let made = 0;
    const make = async () => {
      made += 1;
      return plan();
    };
    const [one, other] = await Promise.all([cache.get("a", make), cache.get("a", make)]);
    expect(other).toBe(one);
    expect(await cache.get("a", make)).toBe(one);
    expect(made).toBe(1);
  });

  test("forgets a failure", async () => {
    const cache = createPlanCache(limits);
    await expect(cache.get("a", () => Promise.reject(new Error("full")))).rejects.toThrow("full");
    expect(await cache.get("a", async () => plan())).toEqual(plan());
  });

  test("lets the least recently used go, and does not keep what is larger than it", async () => {
    const cache = createPlanCache(limits);
    for (const operation of ["a", "b", "a", "c"]) await cache.get(operation, async () => plan());
    expect(["a", "b", "c"].map(cache.has)).toEqual([true, false, true]);
    const large = "x".repeat(limits.sizeMax);
    expect(await cache.get(large, async () => plan())).toEqual(plan());
    expect(cache.has(large)).toBe(false);
  });

  test("names the most used operations, most first", async () => {
    const cache = createPlanCache({ ...limits, plansMax: 3 });
    for (const operation of ["a", "b", "b", "b", "c", "c"]) await cache.get(operation, async () => plan());
    expect(cache.mostUsed(2)).toEqual(["b", "c"]);
  });
});
