import { describe, expect, test } from "@jest/globals";
import { type AnswerStore, answerOnce } from "./answerOnce.ts";

/** Keeps one answer, as a table's row does. */
function createStore(result?: unknown): AnswerStore {
  let answer: { requestHash: string; result: unknown } | null = null;
  return {
    findAnswer: async () => answer,
    storeAnswer: async (requestHash, id) => {
      answer = { requestHash, result: result === undefined ? id : result };
    },
  };
}

const request = ["recordConsent", { purpose: "research" }];

describe("answerOnce", () => {
  test("works the first time and answers a retry with the first id", async () => {
    const store = createStore();
    expect(await answerOnce(store, request, async () => "one")).toEqual({ kind: "answered", id: "one" });
    expect(await answerOnce(store, request, async () => "two")).toEqual({ kind: "answered", id: "one" });
  });

  test("refuses a key that another request used, and does not work", async () => {
    const store = createStore();
    await answerOnce(store, request, async () => "one");
    let worked = false;
    const answer = await answerOnce(store, ["recordConsent", { purpose: "sale" }], async () => {
      worked = true;
      return "two";
    });
    expect(answer).toEqual({
      kind: "key-reused",
      message: expect.stringContaining("expected a new idempotency key"),
    });
    expect(worked).toBe(false);
  });

  test("gives a refusal back and forgets it, so that the key may succeed later", async () => {
    const store = createStore();
    const refusal = { reason: "WRONG_STATE" };
    expect(await answerOnce(store, request, async () => refusal)).toBe(refusal);
    expect(await answerOnce(store, request, async () => "one")).toEqual({ kind: "answered", id: "one" });
  });

  test("remembers nothing of work that failed", async () => {
    const store = createStore();
    const failing = answerOnce(store, request, () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(await answerOnce(store, request, async () => "one")).toEqual({ kind: "answered", id: "one" });
  });

  test("throws when what it remembers is no id, rather than working twice", async () => {
    const store = createStore({ id: "one" });
    await answerOnce(store, request, async () => "one");
    await expect(answerOnce(store, request, async () => "two")).rejects.toThrow('remembers {"id":"one"}');
  });
});
