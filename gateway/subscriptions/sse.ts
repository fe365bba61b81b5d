/** Server-sent events in the "distinct connections" mode of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. */
import type { Answer } from "../engine/engine.ts";
import { toAppError, toGraphQLError } from "../errors.ts";

/** Proxies close connections on which nothing happens, most after a minute. */
const heartbeatMs = 15_000;
const comment = ":\n\n";

export async function* encodeEvents(
  answers: Iterable<Answer> | AsyncIterable<Answer>,
): AsyncGenerator<string, void, undefined> {
  // The first bytes go out at once, so that a client knows it is connected before anything happens.
  yield comment;
  try {
    for await (const answer of withHeartbeats(answers)) {
      yield answer === undefined ? comment : `event: next\ndata: ${JSON.stringify(answer)}\n\n`;
    }
  } catch (thrown) {
    const error =
      thrown instanceof Error && "extensions" in thrown ? thrown : toGraphQLError(toAppError(thrown));
    yield `event: next\ndata: ${JSON.stringify({ errors: [error] })}\n\n`;
  }
  yield "event: complete\ndata:\n\n";
}

/** Undefined stands for "nothing happened for a while". */
async function* withHeartbeats<Item>(
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
