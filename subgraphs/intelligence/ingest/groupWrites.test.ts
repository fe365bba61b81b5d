import { expect, test } from "@jest/globals";
import { groupWrites } from "./groupWrites.ts";

test("what comes while a write is under way shares the next one, in its order, up to the size", async () => {
  const written: (readonly string[])[] = [];
  let goOn = (): void => undefined;
  const write = groupWrites<string>({
    write: async (parts) => {
      written.push(parts);
      if (written.length === 1) await new Promise<void>((resolve) => (goOn = resolve));
    },
    sizeOf: (part) => part.length,
    sizeMax: 4,
  });
  const all = ["a", "bb", "cc", "dd", "much too long", "e"].map(write);
  goOn();
  await Promise.all(all);
  expect(written).toEqual([["a"], ["bb", "cc"], ["dd"], ["much too long"], ["e"]]);
});

test("a write that fails rejects those that shared it, and the next one is tried", async () => {
  let calls = 0;
  const write = groupWrites<number>({
    write: async (parts) => {
      calls += 1;
      if (parts.includes(2)) throw new Error("refused");
    },
    sizeOf: () => 1,
    sizeMax: 2,
  });
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(write));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(calls).toBe(3);
});
