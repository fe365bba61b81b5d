import { EventEmitter, on } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { GraphQLSchema, Kind } from "graphql";
import type { Serving } from "./createServing.ts";
import { toWholeAnswer } from "./engine/deferred/toWholeAnswer.ts";
import type { SubgraphAnswer } from "./engine/engine.ts";
import { AppError } from "./errors.ts";
import { createLiveRunner } from "./liveRunner.ts";
import type { BindingRunner, Operation, Session } from "./runOperation.ts";

const parameters = { query: "{ a }", operationName: undefined, variables: {}, extensions: {} };
// What is asked of it here passes it on untouched.
const session = { signal: new AbortController().signal } as Session;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

/** A serving that says its name, when told to. Its subscriptions have one source, or one of its own. */
function createNamed(name: string, { key = "shared", events = createEvents() } = {}) {
  let tell = () => {};
  const isTold = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let isClosed = false;
  const prepared: Operation[] = [];
  const operation = (): Operation => ({
    kind: "query",
    isDeferred: false,
    name,
    text: parameters.query,
    variables: {},
    document: { kind: Kind.DOCUMENT, definitions: [] },
    outcome: { kind: "answered", answer: {} },
  });
  const runner: { -readonly [Key in keyof BindingRunner]: BindingRunner[Key] } = {
    schema: new GraphQLSchema({}),
    identify: () => Promise.reject(new Error("not asked here")),
    prepare: async () => operation(),
    prepareAgain: async (known) => {
      prepared.push(known);
      return operation();
    },
    execute: async () => {
      await isTold;
      return { data: { name } };
    },
    executeText: async () => {
      await isTold;
      return { kind: "text", text: name };
    },
    executeDeferred: async () => {
      await isTold;
      return toWholeAnswer({ data: { name } });
    },
    bind: async () => ({
      kind: "bound",
      source: { key, open: events.open },
      completeEvent: async ({ data }) => ({ data: { name, ...data } }),
      toLastAnswer: () => ({ data: { name, broken: true } }),
      denied: new Set<string>(),
    }),
  };
  const close = async () => {
    isClosed = true;
  };
  // The live runner looks at no other part of it.
  const serving = { runner, close } as unknown as Serving;
  return { serving, runner, events, prepared, tell: () => tell(), isClosed: () => isClosed };
}

/** A source that tells numbers. */
function createEvents() {
  const emitter = new EventEmitter();
  let next = 0;
  return {
    open: () => {
      const left = new AbortController();
      const emitted = on(emitter, "event", { signal: left.signal });
      return {
        next: async (): Promise<IteratorResult<SubgraphAnswer, void>> => {
          try {
            const { value } = await emitted.next();
            return { done: false, value: value[0] };
          } catch {
            return { done: true, value: undefined };
          }
        },
        return: async (): Promise<IteratorResult<SubgraphAnswer, void>> => {
          left.abort();
          return { done: true, value: undefined };
        },
      };
    },
    tell: () => {
      next += 1;
      return emitter.emit("event", { data: { next } });
    },
  };
}

describe("liveRunner", () => {
  test("runs an operation on what it was prepared with, and closes that after it", async () => {
    const [old, next] = [createNamed("old"), createNamed("next")];
    const live = createLiveRunner({ first: old.serving, quietMs: 20 });
    const operation = await live.runner.prepare(parameters, session);
    const answer = live.runner.execute(operation, session);
    live.swap(next.serving);
    await sleep(60);
    expect(old.isClosed()).toBe(false);
    old.tell();
    next.tell();
    expect(await answer).toEqual({ data: { name: "old" } });
    await sleep(60);
    expect([old.isClosed(), next.isClosed()]).toEqual([true, false]);
    const later = await live.runner.prepare(parameters, session);
    expect(await live.runner.execute(later, session)).toEqual({ data: { name: "next" } });
  });

  test("waits for an operation between its preparation and its execution", async () => {
    const [old, next] = [createNamed("old"), createNamed("next")];
    const live = createLiveRunner({ first: old.serving, quietMs: 100 });
    const operation = await live.runner.prepare(parameters, session);
    live.swap(next.serving);
    await sleep(20);
    old.tell();
    expect(await live.runner.execute(operation, session)).toEqual({ data: { name: "old" } });
  });

  test("takes a subscription along, on the source that it has, and closes the old one", async () => {
    const old = createNamed("old");
    const next = createNamed("next", { events: old.events });
    const moved: unknown[] = [];
    const live = createLiveRunner({
      first: old.serving,
      quietMs: 20,
      onMoved: (counts) => moved.push(counts),
    });
    const answers = live.runner.subscribe(await live.runner.prepare(parameters, session), session);
    const first = answers.next();
    await until(() => old.events.tell());
    expect((await first).value).toMatchObject({ data: { name: "old" } });
    const second = answers.next();
    live.swap(next.serving);
    await until(() => moved.length === 1 && old.isClosed());
    old.events.tell();
    expect((await second).value).toMatchObject({ data: { name: "next" } });
    expect(moved).toEqual([{ kept: 1, reopened: 0, ended: 0 }]);
    await answers.return();
    live.swap(old.serving);
    await until(() => next.isClosed());
  });

  test("moves a subscription that was being opened while the supergraph changed", async () => {
    const [old, next] = [createNamed("old"), createNamed("next")];
    const live = createLiveRunner({ first: old.serving, quietMs: 20 });
    const operation = await live.runner.prepare(parameters, session);
    const first = live.runner.subscribe(operation, session).next();
    live.swap(next.serving);
    await until(() => old.events.tell());
    expect((await first).value).toMatchObject({ data: { name: "next" } });
    expect(next.prepared).toEqual([operation]);
  });

  test("prepares subscriptions again when policies have changed", async () => {
    const only = createNamed("only");
    const moved: unknown[] = [];
    const live = createLiveRunner({ first: only.serving, onMoved: (counts) => moved.push(counts) });
    const operation = await live.runner.prepare(parameters, session);
    const answers = live.runner.subscribe(operation, session);
    const first = answers.next();
    await until(() => only.events.tell());
    live.reconsider();
    await until(() => moved.length === 1);
    expect([only.prepared, moved]).toEqual([[operation], [{ kept: 1, reopened: 0, ended: 0 }]]);
    await first;
    await answers.return();
  });

  test("ends a subscription with the reason why the next supergraph does not take it", async () => {
    const [old, next] = [createNamed("old"), createNamed("next")];
    next.runner.prepareAgain = async () => {
      throw new AppError("SUBSCRIPTION_SELECTION_REMOVED", 410, "gone", {
        details: { coordinates: ["A.b"] },
      });
    };
    const live = createLiveRunner({ first: old.serving, quietMs: 20 });
    const answers = live.runner.subscribe(await live.runner.prepare(parameters, session), session);
    const first = answers.next();
    live.swap(next.serving);
    await expect(first).rejects.toMatchObject({ code: "SUBSCRIPTION_SELECTION_REMOVED" });
    await until(() => old.isClosed());
  });

  test("waits for what may pass, and goes on as before meanwhile", async () => {
    const [old, next] = [createNamed("old"), createNamed("next", { key: "other" })];
    const { prepareAgain } = next.runner;
    let attempts = 0;
    next.runner.prepareAgain = async (...all) => {
      attempts += 1;
      if (attempts < 2) throw new AppError("PLANNING_OVERLOADED", 503, "busy");
      return prepareAgain(...all);
    };
    const moved: unknown[] = [];
    const live = createLiveRunner({ first: old.serving, onMoved: (counts) => moved.push(counts) });
    const answers = live.runner.subscribe(await live.runner.prepare(parameters, session), session);
    const first = answers.next();
    await until(() => old.events.tell());
    await first;
    live.swap(next.serving);
    await until(() => attempts === 1);
    old.events.tell();
    expect((await answers.next()).value).toMatchObject({ data: { name: "old" } });
    await until(() => moved.length === 1);
    expect(moved).toEqual([{ kept: 0, reopened: 1, ended: 0 }]);
    await answers.return();
  });

  test("closes all that are open when the gateway stops", async () => {
    const [old, next] = [createNamed("old"), createNamed("next")];
    const live = createLiveRunner({ first: old.serving });
    live.swap(next.serving);
    await live.close();
    expect([old.isClosed(), next.isClosed()]).toEqual([true, true]);
  });
});
