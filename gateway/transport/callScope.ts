/**
 * What ends a call early: its deadline, or its client. An AbortController for each call does the same at several times
 * the cost, and a call may be several exchanges at once.
 */
export type CallScope = {
  /** Monotonic, as `performance.now()`. */
  readonly endsAt: number;
  /** Set once the call is over before its answer is there. */
  readonly reason: CallEnded | undefined;
  /** Calls `end` when the scope ends; returns how to take that back. For a scope that has not ended. */
  readonly onEnd: (end: (reason: Error) => void) => () => void;
};

type Options = {
  readonly timeoutMs: number;
  /** The client's. */
  readonly signal: AbortSignal;
};

/** `timeout` is the callee's doing, `left` is nobody's. */
export class CallEnded extends Error {
  override readonly name = "CallEnded";
  readonly kind: "timeout" | "left";

  constructor(kind: "timeout" | "left") {
    super(kind);
    this.kind = kind;
  }
}

/** Leaves no listener and no timer behind. */
export async function withinScope<Result>(
  { timeoutMs, signal }: Options,
  work: (scope: CallScope) => Promise<Result>,
): Promise<Result> {
  if (signal.aborted) throw new CallEnded("left");
  const ends: ((reason: Error) => void)[] = [];
  let reason: CallEnded | undefined;
  const end = (why: CallEnded) => {
    reason = why;
    for (const tell of ends.splice(0)) tell(why);
  };
  const onTimeout = () => end(new CallEnded("timeout"));
  const onLeft = () => end(new CallEnded("left"));
  const timer = setTimeout(onTimeout, timeoutMs);
  signal.addEventListener("abort", onLeft);
  try {
    return await work({
      endsAt: performance.now() + timeoutMs,
      get reason() {
        return reason;
      },
      onEnd: (tell) => {
        ends.push(tell);
        return () => {
          const at = ends.indexOf(tell);
          if (at >= 0) ends.splice(at, 1);
        };
      },
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onLeft);
  }
}

/** Resolves after `ms`, or rejects when the scope ends first. */
export function waitWithin(scope: CallScope, ms: number): Promise<void> {
  if (scope.reason) return Promise.reject(scope.reason);
  return new Promise((resolve, reject) => {
    const forget = scope.onEnd((reason) => {
      clearTimeout(timer);
      reject(reason);
    });
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
  });
}
