/** Wakes those who wait for something to do. A ring between looking and waiting is not missed: waiters name the rings that they knew of. */
export type Bell = {
  readonly ring: () => void;
  /** How often it rang so far. Ask before looking. */
  readonly rings: () => number;
  /** Resolves when it has rung more than `known` times, after `timeoutMs`, or when aborted. */
  readonly wait: (known: number, timeoutMs: number, signal: AbortSignal) => Promise<void>;
};

export function createBell(): Bell {
  const waiters = new Set<() => void>();
  let count = 0;
  return {
    ring: () => {
      count += 1;
      for (const wake of [...waiters]) wake();
    },
    rings: () => count,
    wait: (known, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (count > known || signal.aborted) return resolve();
        const timer = setTimeout(wake, timeoutMs);
        signal.addEventListener("abort", wake);
        waiters.add(wake);
        function wake(): void {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          waiters.delete(wake);
          resolve();
        }
      }),
  };
}
