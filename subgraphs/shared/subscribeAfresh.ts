/**
 * graphql-js's `subscribe`, but with a new context for every event: it would keep one for the whole subscription, and
 * loaders would then answer each event with the rows of the first.
 */
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from "graphql";

export async function subscribeAfresh(
  args: ExecutionArgs,
  createContext: () => unknown,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const events = await createSourceEventStream({ ...args, contextValue: createContext() });
  if (!(Symbol.asyncIterator in events)) return events;
  return mapEvents(events, async (event) =>
    execute({ ...args, rootValue: event, contextValue: createContext() }),
  );
}

/** Not a generator: its `return` would wait for the next event before it lets go of the source. */
function mapEvents<Event, Result>(
  events: AsyncIterable<Event>,
  map: (event: Event) => Promise<Result>,
): AsyncIterableIterator<Result> {
  const source = events[Symbol.asyncIterator]();
  return {
    next: async () => {
      const event = await source.next();
      return event.done ? { done: true, value: undefined } : { done: false, value: await map(event.value) };
    },
    return: async () => {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
