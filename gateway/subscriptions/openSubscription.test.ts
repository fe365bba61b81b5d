import { describe, expect, test } from "@jest/globals";
import type { Answer } from "../engine/engine.ts";
import { AppError } from "../errors.ts";
import type { Operation, Session } from "../runOperation.ts";
import { createAnonymousCaller } from "../stages/identifyCaller.ts";
import { openSubscription } from "./openSubscription.ts";

const operation: Operation = {
  kind: "refused",
  name: undefined,
  isDeferred: false,
  outcome: { kind: "answered", answer: {} },
};
const event = (data: number): Answer => ({ data: { data } });

function open(source: (signal: AbortSignal) => AsyncGenerator<Answer, void, undefined>) {
  const controller = new AbortController();
  let ends = 0;
  let inner: AbortSignal | undefined;
  const session: Session = {
    caller: createAnonymousCaller("us-east"),
    requestId: "r",
    traceparent: "",
    forwarded: {},
    signal: controller.signal,
    address: "192.0.2.1",
  };
  const events = openSubscription({
    runner: {
      subscribe: (_operation, { signal }) => {
        inner = signal;
        return source(signal);
      },
    },
    operation,
    session,
    onEnd: () => {
      ends += 1;
    },
  });
  return { events, controller, ends: () => ends, isSourceAborted: () => inner?.aborted };
}

const quiet = async function* (): AsyncGenerator<Answer, void, undefined> {
  await new Promise(() => {});
  yield {};
};

describe("openSubscription", () => {
  test("hands events on and ends with its source", async () => {
    const { events, ends } = open(async function* () {
      yield event(1);
      yield event(2);
    });
    const seen: Answer[] = [];
    for await (const answer of events) seen.push(answer);
    expect(seen).toEqual([event(1), event(2)]);
    expect(ends()).toBe(1);
  });

  test("returns at once from a source that is silent", async () => {
    const { events, ends, isSourceAborted } = open(quiet);
    const waiting = events.next();
    expect(await events.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect([ends(), isSourceAborted()]).toEqual([1, true]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("ends quietly when the client leaves", async () => {
    const { events, controller, isSourceAborted } = open(quiet);
    const waiting = events.next();
    controller.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(isSourceAborted()).toBe(true);
  });

  test.each(["while it waits", "between two events"])(
    "ends with the coded error of an abort %s, once",
    async (when) => {
      const { events, controller } = open(quiet);
      const waiting = when === "while it waits" ? events.next() : undefined;
      controller.abort(new AppError("UNAUTHENTICATED", 401, "The token has expired."));
      await expect(waiting ?? events.next()).rejects.toMatchObject({
        message: "The token has expired.",
        extensions: { code: "UNAUTHENTICATED" },
      });
      expect(await events.next()).toEqual({ done: true, value: undefined });
    },
  );

  test("a source that throws is an error with a code and without its text", async () => {
    const { events, ends } = open(async function* () {
      yield event(1);
      throw new Error("password of the database");
    });
    await events.next();
    const error: unknown = await events.next().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ extensions: { code: "INTERNAL_SERVER_ERROR" } });
    expect(JSON.stringify(error)).not.toContain("password");
    expect(ends()).toBe(1);
  });

  test("does not open what has been left already", async () => {
    let opened = false;
    const controller = new AbortController();
    controller.abort();
    const events = openSubscription({
      runner: {
        subscribe: async function* () {
          opened = true;
          yield event(1);
        },
      },
      operation,
      session: {
        caller: createAnonymousCaller("us-east"),
        requestId: "r",
        traceparent: "",
        forwarded: {},
        signal: controller.signal,
        address: "192.0.2.1",
      },
      onEnd: () => {},
    });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(opened).toBe(false);
  });
});
