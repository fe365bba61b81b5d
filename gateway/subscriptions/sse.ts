/** Server-sent events in the "distinct connections" mode of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. */
import type { Answer } from "../engine/engine.ts";
import { toAppError, toGraphQLError } from "../errors.ts";
import { withHeartbeats } from "./withHeartbeats.ts";

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
