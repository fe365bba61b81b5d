/** A stream of answers in which silence is told too, so that its transport can say something: proxies close what is quiet. */

/** Most proxies wait a minute. */
const heartbeatMs = 15_000;

/** Undefined stands for "nothing happened for a while". */
export async function* withHeartbeats<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
): AsyncGenerator<Item | undefined, void, undefined> {
  if (!(Symbol.asyncIterator in items)) {
    yield* items;
    return;
  }
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = iterator.next();
      let result = await orQuiet(next);
      while (!result) {
        yield undefined;
        result = await orQuiet(next);
      }
      if (result.done) return;
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function orQuiet<Result>(next: Promise<Result>): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const quiet = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), heartbeatMs);
  });
  return Promise.race([next, quiet]).finally(() => clearTimeout(timer));
}
