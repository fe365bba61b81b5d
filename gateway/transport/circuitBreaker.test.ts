import { describe, expect, test } from "@jest/globals";
import { type CircuitState, createCircuitBreaker } from "./circuitBreaker.ts";

const policy = { enabled: true, failureShare: 0.5, callsMin: 4, windowMs: 1_000, openMs: 500 };

function start() {
  let time = 10_000;
  const states: CircuitState[] = [];
  const breaker = createCircuitBreaker({ policy, now: () => time, onChange: (state) => states.push(state) });
  return {
    ...breaker,
    states,
    pass: (ms: number) => {
      time += ms;
    },
    call: (...results: readonly ("ok" | "failed" | "unknown")[]) => {
      for (const result of results) {
        const passage = breaker.enter();
        if (passage) breaker.leave(passage, result);
      }
    },
  };
}

describe("circuitBreaker", () => {
  test("stays closed below the share, and with too few calls to tell", () => {
    const { call, state } = start();
    call("failed", "failed", "failed");
    expect(state()).toBe("closed");
    call("ok", "ok", "ok", "ok", "ok");
    expect(state()).toBe("closed");
  });

  test("opens at the share and lets nobody through until its time is over", () => {
    const { call, state, enter, pass } = start();
    call("ok", "ok", "failed", "failed");
    expect(state()).toBe("open");
    pass(499);
    expect(enter()).toBeUndefined();
  });

  test("half open, one call tries; its success closes and forgets the past", () => {
    const { call, state, states, enter, leave, pass } = start();
    call("failed", "failed", "failed", "failed");
    pass(500);
    expect([enter(), enter()]).toEqual(["trial", undefined]);
    leave("trial", "ok");
    call("failed", "failed", "failed");
    expect(state()).toBe("closed");
    expect(states).toEqual(["open", "half-open", "closed"]);
  });

  test("half open, a failure opens it again for the whole time", () => {
    const { call, enter, pass } = start();
    call("failed", "failed", "failed", "failed");
    pass(500);
    call("failed");
    pass(499);
    expect(enter()).toBeUndefined();
    pass(1);
    expect(enter()).toBe("trial");
  });

  test("a trial whose client left decides nothing, and the next call tries", () => {
    const { call, state, enter, pass } = start();
    call("failed", "failed", "failed", "failed");
    pass(500);
    call("unknown");
    expect([state(), enter()]).toEqual(["half-open", "trial"]);
  });

  test("forgets what is older than the window", () => {
    const { call, state, pass } = start();
    call("failed", "failed", "failed");
    pass(1_100);
    call("failed", "ok", "ok", "ok", "ok");
    expect(state()).toBe("closed");
  });

  test("calls that began before it opened do not close or open it", () => {
    const { call, state, leave, pass, enter } = start();
    call("failed", "failed", "failed", "failed");
    pass(500);
    enter();
    leave("call", "ok");
    leave("call", "failed");
    expect(state()).toBe("half-open");
  });
});
