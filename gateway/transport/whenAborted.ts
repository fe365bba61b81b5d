/**
 * Many who wait for one signal: an operation's calls all end with its client, and a listener on the signal for each of
 * them costs more than the deadline and the request's bookkeeping together. One listener tells them all.
 */
export type Abortable = { readonly onAborted: () => void };

const listenersOf = new WeakMap<AbortSignal, Set<Abortable>>();

/** For a signal that is not aborted. Returns how to take it back. */
export function whenAborted(signal: AbortSignal, listener: Abortable): () => void {
  const listeners = listenersOf.get(signal) ?? listenTo(signal);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function listenTo(signal: AbortSignal): Set<Abortable> {
  const listeners = new Set<Abortable>();
  listenersOf.set(signal, listeners);
  signal.addEventListener(
    "abort",
    () => {
      for (const listener of [...listeners]) listener.onAborted();
    },
    { once: true },
  );
  return listeners;
}
