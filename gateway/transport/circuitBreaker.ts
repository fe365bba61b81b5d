/**
 * Stops calling an endpoint that mostly fails, so that it can recover and its callers fail at once.
 * closed: everybody is let through and counted. open: nobody is. half-open: one call tries; its success closes.
 */
import type { CircuitPolicy } from "./transportPolicy.ts";

export type CircuitState = "closed" | "open" | "half-open";

/** What `enter` lets through. Only a trial decides for a circuit that is not closed: older calls say nothing new. */
export type Passage = "call" | "trial";

export type CircuitBreaker = {
  readonly state: () => CircuitState;
  /** Undefined when the call has to fail now. Each passage is given back with `leave`. */
  readonly enter: () => Passage | undefined;
  /** `unknown` is a call that ended for another reason: its client left. */
  readonly leave: (passage: Passage, result: "ok" | "failed" | "unknown") => void;
};

type Options = {
  readonly policy: CircuitPolicy;
  readonly now?: () => number;
  readonly onChange?: (state: CircuitState) => void;
};

/** The window is counted in this many slices, so that it slides without remembering each call. */
const slices = 10;

export function createCircuitBreaker({
  policy,
  now = () => performance.now(),
  onChange = () => {},
}: Options): CircuitBreaker {
  const { failureShare, callsMin, windowMs, openMs } = policy;
  const calls = new Uint32Array(slices);
  const failures = new Uint32Array(slices);
  let slice = 0;
  let opensUntil = 0;
  let state: CircuitState = "closed";
  let isTrying = false;

  function change(next: CircuitState): void {
    if (next === state) return;
    state = next;
    onChange(next);
  }

  function open(): void {
    opensUntil = now() + openMs;
    change("open");
  }

  function close(): void {
    calls.fill(0);
    failures.fill(0);
    change("closed");
  }

  /** Empties the slices that have passed since the last call. */
  function slide(): number {
    const current = Math.floor((now() * slices) / windowMs);
    for (let step = Math.max(slice + 1, current - slices + 1); step <= current; step += 1) {
      calls[step % slices] = 0;
      failures[step % slices] = 0;
    }
    slice = Math.max(slice, current);
    return slice % slices;
  }

  function count(isFailure: boolean): void {
    const at = slide();
    calls[at] = (calls[at] ?? 0) + 1;
    if (!isFailure) return;
    failures[at] = (failures[at] ?? 0) + 1;
    const total = sum(calls);
    if (total >= callsMin && sum(failures) >= total * failureShare) open();
  }

  return {
    state: () => state,
    enter() {
      if (state === "closed") return "call";
      if (state === "open" && now() >= opensUntil) change("half-open");
      if (state === "open" || isTrying) return undefined;
      isTrying = true;
      return "trial";
    },
    leave(passage, result) {
      if (passage === "trial") {
        isTrying = false;
        if (result === "ok") close();
        else if (result === "failed") open();
      } else if (state === "closed" && result !== "unknown") count(result === "failed");
    },
  };
}

/** For an endpoint without one. */
export const alwaysClosed: CircuitBreaker = {
  state: () => "closed",
  enter: () => "call",
  leave: () => {},
};

function sum(counts: Uint32Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
