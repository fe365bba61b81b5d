import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Answer, SubgraphAnswer } from "../engine/engine.ts";
import type { BoundSubscription } from "./boundSubscription.ts";
import { createRebindableEvents, type RebindableEvents } from "./rebindableEvents.ts";

type Told = { readonly event: number } | "completed" | { readonly thrown: Error };

/** A subgraph's subscription that a test tells what to say; `event` becomes data with what `select` makes of it. */
function createSource(name: string, select = (event: number): object => ({ at: event })) {
  const queue: Told[] = [];
  let wake = () => {};
  let isLeft = false;
  let opened = 0;
  const take = (told: Told): IteratorResult<SubgraphAnswer, void> => {
    if (told === "completed") return { done: true, value: undefined };
    if ("thrown" in told) throw told.thrown;
    return { done: false, value: { data: { changed: select(told.event) } } };
  };
  const events: AsyncIterator<SubgraphAnswer, void, undefined> = {
    async next() {
      while (queue.length === 0 && !isLeft) await new Promise<void>((resolve) => (wake = resolve));
      return take(isLeft ? "completed" : (queue.shift() ?? "completed"));
    },
    async return() {
      isLeft = true;
      wake();
      return { done: true, value: undefined };
    },
  };
  const bind = (label = name, denied: readonly string[] = []): BoundSubscription => ({
    kind: "bound",
    source: {
      key: name,
      open: () => {
        opened += 1;
        return events;
      },
    },
    completeEvent: async ({ data }) => ({ data: { label, changed: data?.changed } }),
    toLastAnswer: (thrown) => ({ data: { label, broken: String(thrown) } }),
    denied: new Set(denied),
  });
  return {
    bind,
    tell: (...told: Told[]) => {
      queue.push(...told);
      wake();
    },
    isLeft: () => isLeft,
    opened: () => opened,
  };
}

function createHold() {
  let held = 0;
  return {
    held: () => held,
    hold: () => {
      held += 1;
      let isHeld = true;
      return () => {
        if (isHeld) held -= 1;
        isHeld = false;
      };
    },
  };
}

const event = (at: number) => ({ event: at });
/** Nothing here waits for the clock, unless a test says so. */
const timing = { graceMs: 0, unmatchedMs: 60_000, overlapMs: 60_000 };

async function take(events: RebindableEvents): Promise<Answer | undefined> {
  const taken = await events.next();
  return taken?.complete().finally(taken.done);
}

async function takeAll(events: RebindableEvents): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let answer = await take(events); answer; answer = await take(events)) answers.push(answer);
  return answers;
}

const answerOf = (label: string, at: number) => ({ data: { label, changed: { at } } });

describe("events of a subscription that is bound again", () => {
  test("come from the same source where it is asked the same, completed by the new plan", async () => {
    const source = createSource("same");
    const [old, next] = [createHold(), createHold()];
    const events = createRebindableEvents(source.bind("old"), old.hold);
    source.tell(event(1));
    expect(await take(events)).toEqual(answerOf("old", 1));
    const waiting = take(events);
    expect(events.rebind(source.bind("new"), next.hold)).toBe("kept");
    expect([old.held(), next.held()]).toEqual([0, 1]);
    source.tell(event(2), "completed");
    expect(await waiting).toEqual(answerOf("new", 2));
    expect(await take(events)).toBeUndefined();
    expect([source.opened(), next.held()]).toEqual([1, 0]);
  });

  test("come from the old source until the new one tells an event that both have", async () => {
    const [before, after] = [createSource("before"), createSource("after", (at) => ({ at, more: "x" }))];
    const [old, next] = [createHold(), createHold()];
    const events = createRebindableEvents(before.bind(), old.hold, timing);
    expect(events.rebind(after.bind(), next.hold)).toBe("reopened");
    before.tell(event(1), event(2), event(3));
    expect(await take(events)).toEqual(answerOf("before", 1));
    // It has been there since the second.
    after.tell(event(2), event(3), event(4));
    const rest = [await take(events), await take(events), await take(events)];
    expect(rest).toEqual([
      answerOf("before", 2),
      answerOf("before", 3),
      { data: { label: "after", changed: { at: 4, more: "x" } } },
    ]);
    expect([before.isLeft(), old.held(), next.held()]).toEqual([true, 0, 1]);
    after.tell("completed");
    expect(await take(events)).toBeUndefined();
    expect(next.held()).toBe(0);
  });

  test("lose and repeat nothing, whenever the new source begins and however the two are read", async () => {
    const property = fc.asyncProperty(fc.gen(), async (gen) => {
      const count = gen(fc.nat, { max: 12 }) + 3;
      const begin = gen(fc.nat, { max: count - 2 });
      const [before, after] = [createSource("before"), createSource("after")];
      const { hold, held } = createHold();
      const events = createRebindableEvents(before.bind(), hold, timing);
      const answers = takeAll(events);
      // What each of the two tells, and when in relation to the other, and to the second opening.
      const told = { before: 0, after: begin };
      let isRebound = false;
      while (told.before < count || told.after < count) {
        if (!isRebound && (told.before >= begin || gen(fc.boolean))) {
          isRebound = true;
          events.rebind(after.bind(), hold);
        }
        const isBefore = told.after === count || !isRebound || (told.before < count && gen(fc.boolean));
        if (isBefore) before.tell(event(told.before++));
        else after.tell(event(told.after++));
        if (gen(fc.boolean)) await new Promise((resolve) => setImmediate(resolve));
      }
      after.tell("completed");
      const changed = (await answers).map(({ data }) => Object(data?.changed).at);
      expect(changed).toEqual(Array.from({ length: count }, (_, at) => at));
      expect(held()).toBe(0);
    });
    await fc.assert(property, { seed: 4_711, numRuns: 300 });
  });

  test("go on by the old plan's events alone while nothing comes, and silently by the new ones later", async () => {
    const [before, after] = [createSource("before"), createSource("after")];
    const { hold } = createHold();
    const events = createRebindableEvents(before.bind(), hold, { ...timing, overlapMs: 50 });
    events.rebind(after.bind(), hold);
    before.tell(event(1));
    expect(await take(events)).toEqual(answerOf("before", 1));
    const waiting = take(events);
    while (!before.isLeft()) await new Promise((resolve) => setImmediate(resolve));
    after.tell(event(2));
    expect(await waiting).toEqual(answerOf("after", 2));
  });

  test("that no source shares are all told by the new one once it has begun", async () => {
    const [before, after] = [createSource("before"), createSource("after")];
    const { hold } = createHold();
    const events = createRebindableEvents(before.bind(), hold, { ...timing, unmatchedMs: 20 });
    events.rebind(after.bind(), hold);
    before.tell(event(1), event(2));
    after.tell(event(7), event(8), "completed");
    expect(await takeAll(events)).toEqual([
      answerOf("before", 1),
      answerOf("before", 2),
      answerOf("after", 7),
      answerOf("after", 8),
    ]);
  });

  test("go back to the old source when the supergraph does, before the new one counts", async () => {
    const [before, after] = [createSource("before"), createSource("after")];
    const { hold, held } = createHold();
    const events = createRebindableEvents(before.bind(), hold, timing);
    events.rebind(after.bind(), hold);
    expect(events.rebind(before.bind("again"), hold)).toBe("kept");
    before.tell(event(1), "completed");
    expect(await takeAll(events)).toEqual([answerOf("again", 1)]);
    expect([after.isLeft(), held()]).toEqual([true, 0]);
  });

  test("are completed by the new plan at once when it denies more", async () => {
    const [before, after] = [createSource("before"), createSource("after")];
    const { hold } = createHold();
    const events = createRebindableEvents(before.bind(), hold, timing);
    events.rebind(after.bind("after", ["Query.secret"]), hold);
    before.tell(event(1));
    expect(await take(events)).toEqual(answerOf("after", 1));
    expect(before.isLeft()).toBe(false);
    events.end();
  });

  test("end with the last answer of a source that breaks", async () => {
    const source = createSource("only");
    const { hold, held } = createHold();
    const events = createRebindableEvents(source.bind(), hold);
    source.tell(event(1), { thrown: new Error("gone") });
    expect(await takeAll(events)).toEqual([
      answerOf("only", 1),
      { data: { label: "only", broken: "Error: gone" } },
    ]);
    expect(held()).toBe(0);
  });

  test("end with an error when they are ended with one, after what had come", async () => {
    const source = createSource("only");
    const { hold, held } = createHold();
    const events = createRebindableEvents(source.bind(), hold);
    const waiting = take(events);
    events.end({ kind: "error", thrown: new Error("removed") });
    await expect(waiting).rejects.toThrow("removed");
    expect([source.isLeft(), held()]).toEqual([true, 0]);
  });

  test("let go of all that was held when the client leaves", async () => {
    const [before, after] = [createSource("before"), createSource("after")];
    const { hold, held } = createHold();
    const events = createRebindableEvents(before.bind(), hold, timing);
    events.rebind(after.bind(), hold);
    before.tell(event(1), event(2), event(3));
    await take(events);
    const waiting = take(events);
    events.end();
    await waiting;
    expect(await take(events)).toBeUndefined();
    expect([before.isLeft(), after.isLeft(), held()]).toEqual([true, true, 0]);
  });
});
