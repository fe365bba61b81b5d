import { AppError } from "./errors.ts";

export type Queue<Item> = {
  readonly push: (item: Item) => void;
  readonly end: () => void;
  readonly items: AsyncIterableIterator<Item>;
};

/**
 * Items for one reader that may be slower than their writer. With more than `waitingMax` waiting the reader gets an
 * error instead of the rest, since it would be ever later. `onEnd` is called once, whoever ends it. An object rather
 * than an async generator, whose `return` would wait for the item that is awaited.
 */
export function createQueue<Item extends object>(waitingMax: number, onEnd: () => void): Queue<Item> {
  const waiting: Item[] = [];
  let failure: AppError | undefined;
  let ended = false;
  let wake = (): void => undefined;

  const end = (): void => {
    if (!ended) onEnd();
    ended = true;
    wake();
  };
  const next = async (): Promise<IteratorResult<Item, undefined>> => {
    while (waiting.length === 0 && failure === undefined && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== undefined) {
      const error = failure;
      failure = undefined;
      throw error;
    }
    const [item] = waiting.splice(0, 1);
    return item === undefined ? { done: true, value: undefined } : { done: false, value: item };
  };
  const items: AsyncIterableIterator<Item> = {
    [Symbol.asyncIterator]: () => items,
    next,
    return: async () => {
      waiting.length = 0;
      end();
      return { done: true, value: undefined };
    },
  };

  return {
    items,
    end,
    push: (item) => {
      if (ended) return;
      if (waiting.length < waitingMax) {
        waiting.push(item);
        return wake();
      }
      waiting.length = 0;
      failure = new AppError(
        "SLOW_CONSUMER",
        `expected a reader that keeps up; got one with ${waitingMax} events waiting: catch up by query, then subscribe again`,
      );
      end();
    },
  };
}
