/**
 * Events of a source that pushes, for a reader that pulls, with a limit on what waits in between: a client that reads
 * slower than events come must not fill this process's memory.
 */
import { AppError } from "../errors.ts";

/** What graphql-ws calls; `error` gets the refusal of an operation or the end of the socket. */
export type EventSink = {
  readonly next: (event: unknown) => void;
  readonly error: (thrown: unknown) => void;
  readonly complete: () => void;
};

type Waiting = {
  readonly resolve: (result: IteratorResult<unknown, void>) => void;
  readonly reject: (thrown: unknown) => void;
};

const done: IteratorReturnResult<void> = { done: true, value: undefined };

/** `open` subscribes and returns how to unsubscribe. Past `waitingMax` the source is left and the reader told. */
export function createBoundedEvents(
  open: (sink: EventSink) => () => void,
  waitingMax: number,
): AsyncIterableIterator<unknown, void, undefined> {
  let queue: unknown[] = [];
  let reader: Waiting | undefined;
  let failure: { readonly thrown: unknown } | undefined;
  let isOver = false;

  function end(ending?: { readonly thrown: unknown }): void {
    if (isOver) return;
    isOver = true;
    failure = ending;
    if (reader) settle(reader);
    reader = undefined;
  }

  /** For a reader when no event is left. */
  function settle({ resolve, reject }: Waiting): void {
    if (failure) reject(failure.thrown);
    else resolve(done);
    failure = undefined;
  }

  const leave = open({
    next: (event) => {
      if (isOver) return;
      if (reader) {
        reader.resolve({ done: false, value: event });
        reader = undefined;
      } else if (queue.push(event) > waitingMax) {
        queue = [];
        end({ thrown: slowConsumer(waitingMax) });
        leave();
      }
    },
    error: (thrown) => end({ thrown }),
    complete: () => end(),
  });

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      new Promise((resolve, reject) => {
        if (queue.length > 0) resolve({ done: false, value: queue.shift() });
        else if (isOver) settle({ resolve, reject });
        else reader = { resolve, reject };
      }),
    return: async () => {
      queue = [];
      end();
      leave();
      return done;
    },
  };
}

function slowConsumer(waitingMax: number): AppError {
  return new AppError(
    "SLOW_CONSUMER",
    503,
    `The subscription was ended, because ${waitingMax} events were waiting to be read; subscribe again with a narrower selection.`,
  );
}
