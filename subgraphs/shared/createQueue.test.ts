import { describe, expect, test } from "@jest/globals";
import { createQueue } from "./createQueue.ts";

describe("createQueue", () => {
  test("gives items in their order, whether they came before or after they were asked for", async () => {
    const { items, push } = createQueue<{ n: number }>(10, () => undefined);
    push({ n: 1 });
    push({ n: 2 });
    expect([await items.next(), await items.next()]).toEqual([given(1), given(2)]);
    const asked = items.next();
    push({ n: 3 });
    expect(await asked).toEqual(given(3));
  });

  test("a reader that is too slow gets an error instead of the rest, and holds nothing back", async () => {
    let ends = 0;
    const { items, push } = createQueue<{ n: number }>(3, () => {
      ends += 1;
    });
    for (let n = 1; n <= 10; n += 1) push({ n });
    expect(ends).toBe(1);
    await expect(items.next()).rejects.toMatchObject({
      code: "SLOW_CONSUMER",
      message: expect.stringContaining(
        "got one with 3 events waiting: catch up by query, then subscribe again",
      ),
    });
    expect(await items.next()).toEqual({ done: true, value: undefined });
  });

  test("a reader that leaves wakes from waiting, once, and is written to no more", async () => {
    let ends = 0;
    const { items, push } = createQueue<{ n: number }>(3, () => {
      ends += 1;
    });
    const asked = items.next();
    await items.return?.();
    expect(await asked).toEqual({ done: true, value: undefined });
    push({ n: 1 });
    await items.return?.();
    expect(await items.next()).toEqual({ done: true, value: undefined });
    expect(ends).toBe(1);
  });

  test("what waits when the writer ends is still read", async () => {
    const { items, push, end } = createQueue<{ n: number }>(3, () => undefined);
    push({ n: 1 });
    end();
    expect([await items.next(), await items.next()]).toEqual([given(1), { done: true, value: undefined }]);
  });
});

function given(n: number) {
  return { done: false, value: { n } };
}
