import { describe, expect, test } from "@jest/globals";
import { continueTrace, toRequestId } from "./trace.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";

describe("continueTrace", () => {
  test("keeps the caller's trace and its flags under a span of ours", () => {
    const continued = continueTrace(`00-${traceId}-b7ad6b7169203331-00`);
    expect(continued).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    expect(continued).not.toContain("b7ad6b7169203331");
  });

  test.each([
    undefined,
    "",
    "nonsense",
    `01-${traceId}-b7ad6b7169203331-00`,
    `00-${"0".repeat(32)}-b7ad6b7169203331-00`,
    `00-${traceId}-${"0".repeat(16)}-00`,
    `00-${traceId.toUpperCase()}-b7ad6b7169203331-00`,
  ])("begins a trace where %p is none", (header) => {
    const begun = continueTrace(header);
    expect(begun).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(begun).not.toContain(traceId);
  });
});

test("toRequestId keeps what is short and plain, and makes one otherwise", () => {
  expect(toRequestId("deploy-42_a")).toBe("deploy-42_a");
  for (const header of [undefined, "", "a b c d e f", "line\nbreak-x", "x".repeat(65)]) {
    expect(toRequestId(header)).toMatch(/^[0-9a-f-]{36}$/);
  }
});
