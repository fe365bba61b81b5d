/**
 * Answers in parts of multipart HTTP. Subscriptions as Apollo's clients ask for them
 * (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol), and deferred parts
 * (https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md).
 */
import type { Answer } from "../engine/engine.ts";
import { toAppError, toGraphQLError } from "../errors.ts";
import type { DeferredForm, DeferredPayload } from "./deferredPayloads.ts";
import { withHeartbeats } from "./withHeartbeats.ts";

export const multipartType = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0';

export const deferredTypes: Readonly<Record<DeferredForm, string>> = {
  path: 'multipart/mixed;boundary="-";deferSpec=20220824',
  pending: 'multipart/mixed;boundary="-";incrementalSpec=v0.2',
};

/** Clients ask with the parameter; without it multipart is somebody else's, such as deferred parts. */
export function acceptsMultipart(accept: string | undefined): boolean {
  return readMultipartRanges(accept).some((parameters) => parameters.includes("subscriptionspec=1.0"));
}

/**
 * How a client reads deferred parts, the form that it names first; undefined when it does not say that it can. Without a
 * parameter it is the older form: urql and most multipart readers send none.
 */
export function negotiateDeferred(accept: string | undefined): DeferredForm | undefined {
  for (const parameters of readMultipartRanges(accept)) {
    if (parameters.includes("incrementalspec=v0.2")) return "pending";
    const spec = parameters.find((one) => /^(defer|incremental|subscription)spec=/.test(one));
    if (spec === undefined || spec === "deferspec=20220824") return "path";
  }
  return undefined;
}

/** Parameters of each multipart/mixed that is not refused with a weight of 0. */
function readMultipartRanges(accept = ""): string[][] {
  return accept.split(",").flatMap((range) => {
    const [type, ...parameters] = range
      .split(";")
      .map((part) => part.trim().toLowerCase().replaceAll('"', ""));
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return type === "multipart/mixed" && !isRefused ? [parameters] : [];
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

/** The same for deferred parts. No heartbeats: subgraphs' deadlines bound how long it may take. */
export async function* encodeDeferred(
  payloads: AsyncIterable<DeferredPayload>,
): AsyncGenerator<string, void, undefined> {
  yield "\r\n---";
  try {
    for await (const payload of payloads) yield deferredPart(payload);
  } catch (thrown) {
    yield deferredPart({ errors: [toGraphQLError(toAppError(thrown))], hasNext: false });
  }
  yield "--\r\n";
}

function deferredPart(payload: DeferredPayload): string {
  return `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(payload)}\r\n---`;
}
