import { describe, expect, test } from "@jest/globals";
import { createFindPolicy, defaultPolicy, policyChanges } from "./transportPolicy.ts";

describe("transportPolicy", () => {
  test("a subgraph's entry beats the one for all, which beats the base and the defaults", () => {
    const changes = policyChanges.parse(
      '{"*": {"retry": {"attemptsMax": 1}, "http2": true}, "reviews": {"retry": {"waitMs": 7}, "http2": false}}',
    );
    const findPolicy = createFindPolicy({ answerBytesMax: 99 }, changes);
    expect(findPolicy("reviews")).toEqual({
      ...defaultPolicy,
      answerBytesMax: 99,
      http2: false,
      retry: { ...defaultPolicy.retry, attemptsMax: 1, waitMs: 7 },
    });
    expect(findPolicy("users").http2).toBe(true);
    expect(findPolicy("constructor").http2).toBe(true);
  });

  test("no part of a call may take longer than the whole", () => {
    const { headersTimeoutMs, bodyTimeoutMs } = createFindPolicy({ timeoutMs: 50 })("any");
    expect([headersTimeoutMs, bodyTimeoutMs]).toEqual([50, 50]);
  });

  test("hedging is off, mutations aside nothing is asked more than three times", () => {
    const { hedge, retry } = createFindPolicy()("any");
    expect([hedge.enabled, retry.attemptsMax]).toEqual([false, 2]);
  });

  test.each([
    ["not JSON", "{", "the document"],
    ["an unknown subgraph option", '{"a": {"retries": 3}}', "a (unrecognized_keys)"],
    ["a value of another type", '{"a": {"hedge": {"after": "p99"}}}', "a.hedge.after"],
  ])("names the place of %s", (_title, text, place) => {
    const parsed = policyChanges.safeParse(text);
    expect(parsed.error?.issues[0]?.message).toContain(place);
  });
});
