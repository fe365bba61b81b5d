/**
 * Maps events one by one. Not an async generator: `return` on a generator waits for the event that is being waited for,
 * so a client that leaves a quiet subscription would keep its source open.
 */
export function mapEvents<Event, Result>(
  events: AsyncIterable<Event>,
  map: (event: Event) => Promise<Result>,
  /** The last result of a source that broke. */
  toLast: (error: unknown) => Result,
): AsyncIterableIterator<Result> {
  const source = events[Symbol.asyncIterator]();
  let isDone = false;
  const end = (): IteratorResult<Result> => {
    isDone = true;
    return { done: true, value: undefined };
  };
  return {
    next: async () => {
      if (isDone) return end();
      try {
        const event = await source.next();
        return event.done || isDone ? end() : { done: false, value: await map(event.value) };
      } catch (error) {
        if (isDone) return end();
        end();
        return { done: false, value: toLast(error) };
      }
    },
    return: async () => {
      if (!isDone) {
        isDone = true;
        await source.return?.();
      }
      return end();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
