import { describe, expect, test } from "@jest/globals";
import { createBoundedEvents, type EventSink } from "./boundedEvents.ts";

function openEvents(waitingMax = 3) {
  let sink: EventSink | undefined;
  let left = 0;
  const events = createBoundedEvents((given) => {
    sink = given;
    return () => {
      left += 1;
    };
  }, waitingMax);
  if (!sink) throw new Error("not opened");
  return { events, sink, left: () => left };
}

describe("createBoundedEvents", () => {
  test("hands events over in order, whether they wait for the reader or the reader for them", async () => {
    const { events, sink } = openEvents();
    sink.next(1);
    sink.next(2);
    expect([(await events.next()).value, (await events.next()).value]).toEqual([1, 2]);
    const third = events.next();
    sink.next(3);
    expect((await third).value).toBe(3);
  });

  test("ends after the events that came before the end", async () => {
    const { events, sink } = openEvents();
    sink.next(1);
    sink.complete();
    expect(await events.next()).toEqual({ done: false, value: 1 });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("fails once with what the source failed with, also while the reader waits", async () => {
    const { events, sink } = openEvents();
    const waiting = events.next();
    sink.error("refused");
    await expect(waiting).rejects.toBe("refused");
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("leaves the source and says so when more events wait than may", async () => {
    const { events, sink, left } = openEvents(3);
    for (let event = 0; event < 10; event += 1) sink.next(event);
    expect(left()).toBe(1);
    await expect(events.next()).rejects.toMatchObject({ code: "SLOW_CONSUMER" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("a reader that leaves is answered at once and the source is left", async () => {
    const { events, sink, left } = openEvents();
    const waiting = events.next();
    await events.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    sink.next(1);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(left()).toBe(1);
  });
});
