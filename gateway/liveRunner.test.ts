import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { Kind } from "graphql";
import type { Serving } from "./createServing.ts";
import { createLiveRunner } from "./liveRunner.ts";
import type { Operation, OperationRunner, Session } from "./runOperation.ts";

const parameters = { query: "{ a }", operationName: undefined, variables: {}, extensions: {} };
// What is asked of it here passes it on untouched.
const session = {} as Session;

/** A serving that says its name, when told to. */
function createNamed(name: string) {
  let tell = () => {};
  const isTold = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let isClosed = false;
  const operation = (): Operation => ({
    kind: "query",
    name,
    document: { kind: Kind.DOCUMENT, definitions: [] },
    outcome: { kind: "answered", answer: {} },
  });
  const runner: OperationRunner = {
    identify: () => Promise.reject(new Error("not asked here")),
    prepare: async () => operation(),
    execute: async () => {
      await isTold;
      return { data: { name } };
    },
    executeText: async () => {
      await isTold;
      return { kind: "text", text: name };
    },
    async *subscribe() {
      yield { data: { name } };
      await isTold;
      yield { data: { name } };
    },
  };
  const close = async () => {
    isClosed = true;
  };
  // The live runner looks at no other part of it.
  const serving = { runner, close } as unknown as Serving;
  return { serving, tell: () => tell(), isClosed: () => isClosed };
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

  test("keeps the old one for a subscription until the client leaves it", async () => {
    const [old, next] = [createNamed("old"), createNamed("next")];
    const live = createLiveRunner({ first: old.serving, quietMs: 20 });
    const events = live.runner.subscribe(await live.runner.prepare(parameters, session), session);
    await events.next();
    live.swap(next.serving);
    await sleep(60);
    expect(old.isClosed()).toBe(false);
    await events.return();
    await sleep(60);
    expect(old.isClosed()).toBe(true);
  });

  test("closes all that are open when the gateway stops", async () => {
    const [old, next] = [createNamed("old"), createNamed("next")];
    const live = createLiveRunner({ first: old.serving });
    live.swap(next.serving);
    await live.close();
    expect([old.isClosed(), next.isClosed()]).toEqual([true, true]);
  });
});
