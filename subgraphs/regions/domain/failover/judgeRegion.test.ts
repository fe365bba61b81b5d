import { describe, expect, test } from "@jest/globals";
import type { Sighting } from "./countProbe.ts";
import { type Evidence, judgeRegion, type RegionState } from "./judgeRegion.ts";

const clock = { missesUntilDown: 3, goodsUntilServing: 3, sightingLastsMs: 75_000 };
const now = new Date(1_000_000);
const serving: RegionState = { status: "SERVING", since: new Date(0), isHeld: false, orderId: null };
const down: RegionState = { ...serving, status: "DOWN", since: new Date(500_000) };
const returning: RegionState = { ...serving, status: "RETURNING", since: new Date(900_000) };

function seen(witness: string, row: Partial<Sighting>): Sighting {
  return {
    witness,
    target: "us-east",
    misses: 0,
    goods: 0,
    latencyMs: null,
    failure: null,
    probedAt: now,
    ...row,
  };
}
function judge(state: RegionState, evidence: Partial<Evidence>) {
  const whole = {
    sightings: [],
    order: undefined,
    repairedAt: undefined,
    isCaughtUp: true,
    now,
    ...evidence,
  };
  return judgeRegion(state, whole, clock);
}
const both = (row: Partial<Sighting>) => [seen("eu-west", row), seen("ap-southeast", row)];

describe("a region that serves", () => {
  test("is down when two witnesses missed it three times each, and not before", () => {
    expect(judge(serving, { sightings: both({ misses: 3 }) })).toMatchObject({
      state: { status: "DOWN", since: now, isHeld: false },
      event: { kind: "FAILED_OVER" },
    });
    for (const sightings of [
      [seen("eu-west", { misses: 9 })],
      [seen("eu-west", { misses: 9 }), seen("ap-southeast", { misses: 2 })],
      [seen("eu-west", { misses: 9 }), seen("ap-southeast", { goods: 1 })],
    ])
      expect(judge(serving, { sightings })).toBeNull();
  });

  test("is not judged by a witness that has not looked for a while", () => {
    const old = seen("ap-southeast", { misses: 9, probedAt: new Date(now.getTime() - 75_001) });
    expect(judge(serving, { sightings: [seen("eu-west", { misses: 9 }), old] })).toBeNull();
  });

  test("is drained by an order, once, and held", () => {
    const order = { id: "1", kind: "DRAIN", reason: "new disks" } as const;
    const drained = judge(serving, { order });
    expect(drained).toMatchObject({
      state: { status: "DRAINING", isHeld: true, orderId: "1" },
      event: { kind: "DRAINED", reason: "new disks" },
    });
    expect(judge(drained?.state ?? serving, { order })).toBeNull();
  });
});

describe("a region that is down", () => {
  test("returns when two witnesses see it, unless an operator holds it", () => {
    const sightings = both({ goods: 1 });
    expect(judge(down, { sightings })).toMatchObject({ state: { status: "RETURNING" }, event: null });
    expect(judge({ ...down, isHeld: true }, { sightings })).toBeNull();
    expect(judge(down, { sightings: [seen("eu-west", { goods: 9 })] })).toBeNull();
  });

  test("serves at once when it never served before: there is nothing that it could have missed", () => {
    expect(judge({ ...down, since: null }, { sightings: both({ goods: 1 }) })).toMatchObject({
      state: { status: "SERVING" },
      event: { kind: "REJOINED" },
    });
  });

  test("that is drained stays out when it is seen again", () => {
    const held = judge(down, { order: { id: "1", kind: "DRAIN", reason: "disks" } });
    expect(held).toMatchObject({ state: { status: "DOWN", isHeld: true }, event: null });
    expect(judge(held?.state ?? down, { sightings: both({ goods: 9 }) })).toBeNull();
  });
});

describe("a region that returns", () => {
  const fit: Partial<Evidence> = {
    sightings: both({ goods: 3 }),
    repairedAt: new Date(900_001),
    isCaughtUp: true,
  };

  test("serves when it was seen often enough, is repaired since and caught up", () => {
    expect(judge(returning, fit)).toMatchObject({
      state: { status: "SERVING" },
      event: { kind: "REJOINED" },
    });
  });

  test.each<[string, Partial<Evidence>]>([
    [
      "was seen too seldom by one",
      { sightings: [seen("eu-west", { goods: 9 }), seen("ap-southeast", { goods: 2 })] },
    ],
    ["was repaired before it returned", { repairedAt: new Date(900_000) }],
    ["was never repaired", { repairedAt: undefined }],
    ["is behind", { isCaughtUp: false }],
  ])("waits while it %s", (_why, change) => {
    expect(judge(returning, { ...fit, ...change })).toBeNull();
  });

  test("that fails again is down without a second event", () => {
    expect(judge(returning, { sightings: both({ misses: 3 }) })).toMatchObject({
      state: { status: "DOWN", isHeld: false },
      event: null,
    });
  });
});

test("an order to rejoin frees a held region, which then has to show that it is fit", () => {
  const held: RegionState = { ...down, isHeld: true, orderId: "1" };
  const order = { id: "2", kind: "REJOIN", reason: "disks are in" } as const;
  expect(judge(held, { order })).toMatchObject({
    state: { status: "RETURNING", isHeld: false },
    event: null,
  });
  expect(judge(serving, { order })).toMatchObject({
    state: { status: "SERVING", orderId: "2" },
    event: null,
  });
});
