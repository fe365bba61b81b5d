/** Apollo's subscriptions over multipart HTTP (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol). */
import type { Answer } from "../engine/engine.ts";
import { toAppError, toGraphQLError } from "../errors.ts";
import { withHeartbeats } from "./withHeartbeats.ts";

export const multipartType = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0';

/** Clients ask with the parameter; without it multipart is somebody else's, such as deferred parts. */
export function acceptsMultipart(accept: string | undefined): boolean {
  return (accept ?? "").split(",").some((range) => {
    const [type, ...parameters] = range
      .split(";")
      .map((part) => part.trim().toLowerCase().replaceAll('"', ""));
    return type === "multipart/mixed" && parameters.includes("subscriptionspec=1.0");
  });
}

/** A client reads a part when the boundary after it has come, so each part ends with one. */
export async function* encodeParts(answers: AsyncIterable<Answer>): AsyncGenerator<string, void, undefined> {
  yield `\r\n--graphql${part({})}`;
  try {
    for await (const answer of withHeartbeats(answers)) {
      yield part(answer === undefined ? {} : { payload: answer });
    }
  } catch (thrown) {
    const error =
      thrown instanceof Error && "extensions" in thrown ? thrown : toGraphQLError(toAppError(thrown));
    // Errors beside the payload are the transport's: nothing comes after them.
    yield part({ payload: null, errors: [error] });
  }
  yield "--\r\n";
}

function part(content: unknown): string {
  return `\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(content)}\r\n--graphql`;
}
