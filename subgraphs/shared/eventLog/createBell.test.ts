import { expect, test } from "@jest/globals";
import { createBell } from "./createBell.ts";

const forEver = new AbortController().signal;

test("a ring between looking and waiting is not missed", async () => {
  const bell = createBell();
  const known = bell.rings();
  bell.ring();
  await bell.wait(known, 60_000, forEver);
});

test("a ring wakes all who wait", async () => {
  const bell = createBell();
  const waiting = [bell.wait(bell.rings(), 60_000, forEver), bell.wait(bell.rings(), 60_000, forEver)];
  bell.ring();
  await Promise.all(waiting);
});

test("who waits goes on after the time-out, and at once when aborted", async () => {
  const bell = createBell();
  await bell.wait(bell.rings(), 5, forEver);
  const stopping = new AbortController();
  const waiting = bell.wait(bell.rings(), 60_000, stopping.signal);
  stopping.abort();
  await waiting;
  await bell.wait(bell.rings(), 60_000, stopping.signal);
  expect(bell.rings()).toBe(0);
});
