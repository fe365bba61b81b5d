import { expect, test } from "@jest/globals";
import { countProbe, type Sighting } from "./countProbe.ts";

const who = { witness: "eu-west", target: "us-east" };
const at = (ms: number) => new Date(ms);
const count = (last: Sighting | undefined, isGood: boolean, now: number) =>
  countProbe(
    who,
    last,
    isGood ? { kind: "good", latencyMs: 9 } : { kind: "missed", failure: "refused" },
    at(now),
    75_000,
  );

test("counts what came in a row and forgets it when it turns", () => {
  const first = count(undefined, false, 0);
  const second = count(first, false, 30_000);
  expect([first.misses, second.misses, second.failure]).toEqual([1, 2, "refused"]);
  const third = count(second, true, 60_000);
  expect(third).toMatchObject({ misses: 0, goods: 1, latencyMs: 9, failure: null });
});

test("begins anew when the witness did not look for a while", () => {
  const last = count(count(undefined, false, 0), false, 30_000);
  expect(count(last, false, 105_000).misses).toBe(3);
  expect(count(last, false, 105_001).misses).toBe(1);
});
