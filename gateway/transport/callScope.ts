/**
 * What ends a call early: its deadline, or its client. An AbortController for each call does the same at several times
 * the cost, and a call may be several exchanges at once.
 */
import { afterReading } from "./afterReading.ts";
import { whenAborted } from "./whenAborted.ts";

/** `timeout` is the callee's doing, `left` is nobody's. */
export class CallEnded extends Error {
  override readonly name = "CallEnded";
  readonly kind: "timeout" | "left";

  constructor(kind: "timeout" | "left") {
    super(kind);
    this.kind = kind;
  }
}

/** Something under way that ends with its scope. */
export type Endable = { readonly end: (reason: Error) => void };

/** A class, because there is one for each call of a subgraph. */
export class CallScope {
  /** Monotonic, as `performance.now()`. */
  readonly endsAt: number;
  /** Set once the call is over before its answer is there. */
  reason: CallEnded | undefined;
  isClosed = false;

  private readonly timer: NodeJS.Timeout;
  private readonly forget: () => void;
  /** Mostly one. */
  private underWay: Endable[] = [];

  constructor({ timeoutMs, signal }: CallScopeOptions) {
    this.endsAt = performance.now() + timeoutMs;
    this.timer = setTimeout(endOverdue, timeoutMs, this);
    this.forget = whenAborted(signal, this);
  }

  /** For a scope that has not ended. */
  add(one: Endable): void {
    this.underWay.push(one);
  }

  remove(one: Endable): void {
    const at = this.underWay.indexOf(one);
    if (at >= 0) this.underWay.splice(at, 1);
  }

  onAborted(): void {
    this.end(new CallEnded("left"));
  }

  end(reason: CallEnded): void {
    this.reason = reason;
    for (const one of this.underWay.splice(0)) one.end(reason);
  }

  /** Leaves no listener and no timer behind. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.forget();
  }
}

export type CallScopeOptions = {
  readonly timeoutMs: number;
  /** The client's. */
  readonly signal: AbortSignal;
};

export async function withinScope<Result>(
  options: CallScopeOptions,
  work: (scope: CallScope) => Promise<Result>,
): Promise<Result> {
  if (options.signal.aborted) throw new CallEnded("left");
  const scope = new CallScope(options);
  try {
    return await work(scope);
  } finally {
    scope.close();
  }
}

/** Resolves after `ms`, or rejects when the scope ends first. */
export function waitWithin(scope: CallScope, ms: number): Promise<void> {
  if (scope.reason) return Promise.reject(scope.reason);
  return new Promise((resolve, reject) => {
    const waiting = {
      end: (reason: Error) => {
        clearTimeout(timer);
        reject(reason);
      },
    };
    const timer = setTimeout(() => {
      scope.remove(waiting);
      resolve();
    }, ms);
    scope.add(waiting);
  });
}

function endOverdue(scope: CallScope): void {
  afterReading(() => {
    if (!scope.isClosed) scope.end(new CallEnded("timeout"));
  });
}
