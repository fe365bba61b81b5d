import { expect, test } from "@jest/globals";
import type { FailoverView } from "./db/failover.ts";
import { createRegionFeed } from "./regionFeed.ts";

type Status = FailoverView["regions"][number]["status"];

function view(statuses: Readonly<Record<string, Status>>, primary = "us-east"): FailoverView {
  const now = new Date(0);
  const [claimedAt, heldUntil] = [now, new Date(1)];
  const regions = Object.entries(statuses).map(([code, status]) => ({
    code,
    status,
    since: null,
    isHeld: false,
    orderId: null,
  }));
  const vote = { term: 1, votedFor: primary, claimedAt, heldUntil, promisedUntil: heldUntil };
  return {
    me: "us-east",
    joinedAt: now,
    now,
    regions,
    claims: [{ region: primary, term: 1, claimedAt, heldUntil, isReleased: false }],
    votes: regions.map(({ code }) => ({ voter: code, ...vote })),
    sightings: [],
    orders: [],
    repairs: [],
    links: [],
  };
}

test("tells of a region whose status or role has changed, and of no other", async () => {
  const feed = createRegionFeed();
  feed.observe(view({ "us-east": "SERVING", "eu-west": "DOWN" }));
  const all = feed.subscribe(undefined);
  const one = feed.subscribe("us-east");
  feed.observe(view({ "us-east": "SERVING", "eu-west": "DOWN" }));
  feed.observe(view({ "us-east": "SERVING", "eu-west": "RETURNING" }));
  expect(await all.next()).toEqual({ done: false, value: "eu-west" });
  feed.observe(view({ "us-east": "SERVING", "eu-west": "RETURNING" }, "eu-west"));
  expect([(await all.next()).value, (await all.next()).value].sort()).toEqual(["eu-west", "us-east"]);
  expect(await one.next()).toEqual({ done: false, value: "us-east" });
});

test("keeps one entry for a region however often it changes before it is read", async () => {
  const feed = createRegionFeed();
  const items = feed.subscribe(undefined);
  for (const status of ["SERVING", "DOWN", "RETURNING", "SERVING"] as const)
    feed.observe(view({ "us-east": status }));
  expect(await items.next()).toEqual({ done: false, value: "us-east" });
  let isTold = false;
  void items.next().then(() => {
    isTold = true;
  });
  feed.observe(view({ "us-east": "SERVING" }));
  await new Promise(setImmediate);
  expect(isTold).toBe(false);
});

test("ends for a client that waits, whether it leaves or the process stops", async () => {
  const feed = createRegionFeed();
  const [left, stopped] = [feed.subscribe(undefined), feed.subscribe(undefined)];
  const waiting = [left.next(), stopped.next()];
  await left.return?.();
  feed.close();
  expect(await Promise.all(waiting)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});
