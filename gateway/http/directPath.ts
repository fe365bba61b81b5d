/**
 * Most requests are a POST to /graphql of one length, from no other origin, while the gateway is not stopping. Nothing that
 * Fastify and its plugins do has an effect on those, and for a small query it was a fifth of the work. They are read
 * here; all others are left to Fastify. That both answer alike, to the last header, is tested.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { toAppError, toGraphQLError } from "../errors.ts";
import { describeCause, type Log } from "../observability/log.ts";
import { toRequestId } from "../observability/trace.ts";
import { type AnswerRequest, sendAnswer } from "./answerRequest.ts";

type Options = {
  readonly answerRequest: AnswerRequest;
  readonly bodyBytesMax: number;
  readonly isDraining: () => boolean;
  readonly log: Log;
};

/** On a server that has its listeners for requests. */
export function mountDirectPath(server: Server, options: Options): void {
  const others = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (isPlain(request, options)) readAndAnswer(request, response, options);
    else for (const other of others) Reflect.apply(other, server, [request, response]);
  });
}

function isPlain({ method, url, headers }: IncomingMessage, { bodyBytesMax, isDraining }: Options): boolean {
  if (method !== "POST" || url !== "/graphql" || isDraining()) return false;
  if (headers.origin !== undefined || headers["transfer-encoding"] !== undefined) return false;
  const length = headers["content-length"];
  // Node's parser has refused what is no number, and ends a body at its length.
  return length !== undefined && Number(length) <= bodyBytesMax;
}

function readAndAnswer(request: IncomingMessage, response: ServerResponse, options: Options): void {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  // A client that leaves before has nobody to be answered.
  request.on("end", () => {
    const [first] = pieces;
    const body = first && pieces.length === 1 ? first : Buffer.concat(pieces);
    afterPrevious(request, response, () => void answer(request, response, body, options));
  });
}

const lastOn = new WeakMap<Socket, ServerResponse>();

/**
 * Requests that a client has sent one behind the other without reading are answered one after the other: all at once,
 * their answers would wait here for a client that may never read.
 */
function afterPrevious(request: IncomingMessage, response: ServerResponse, start: () => void): void {
  const { socket } = request;
  const previous = lastOn.get(socket);
  lastOn.set(socket, response);
  if (!previous || previous.closed) start();
  else
    previous.once("close", () => {
      if (!socket.destroyed) start();
    });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
  { answerRequest, isDraining, log }: Options,
): Promise<void> {
  const sent = request.headers["x-request-id"];
  const id = toRequestId(Array.isArray(sent) ? undefined : sent);
  const others = () => ({
    "x-request-id": id,
    vary: "Origin",
    ...(isDraining() ? { connection: "close" } : {}),
  });
  try {
    sendAnswer(response, await answerRequest({ request, response, id, body }), others());
  } catch (thrown) {
    const error = toAppError(thrown);
    log.error({ requestId: id, codes: [error.code], cause: describeCause(error.cause) }, "request failed");
    if (response.headersSent) response.destroy();
    else
      sendAnswer(
        response,
        {
          status: error.status,
          headers: { "content-type": "application/json; charset=utf-8" },
          body: JSON.stringify({ errors: [toGraphQLError(error)] }),
        },
        others(),
      );
  }
}
