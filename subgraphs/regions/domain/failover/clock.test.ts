import { expect, test } from "@jest/globals";
import { failoverClock, failoverPromiseMs, failoverSteps } from "./clock.ts";

test("the worst case of every step adds up to less than is promised", () => {
  const total = failoverSteps(failoverClock).reduce((sum, { ms }) => sum + ms, 0);
  expect(total).toBeLessThan(failoverPromiseMs);
});

test("a primary can renew twice before its lease ends, and ends it before its voters are free", () => {
  const { leaseMs, driftMs, renewEveryMs } = failoverClock;
  expect(2 * renewEveryMs + driftMs).toBeLessThan(leaseMs);
});

test("a witness counts until its second probe in a row is overdue", () => {
  const { sightingLastsMs, probeEveryMs, probeTimeoutMs } = failoverClock;
  expect(sightingLastsMs).toBeGreaterThan(2 * (probeEveryMs + probeTimeoutMs));
  expect(sightingLastsMs).toBeLessThan(3 * probeEveryMs);
});
