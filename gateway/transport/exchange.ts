/**
 * One HTTP exchange: a POST and its whole answer. It uses undici's `dispatch` and collects the pieces itself, because the
 * stream that `request` makes of every answer costs more than the rest of the call.
 */
import type { IncomingHttpHeaders } from "node:http";
import { type Dispatcher, errors } from "undici";
import type { CallScope } from "./callScope.ts";
import { decodeBody } from "./decodeBody.ts";
import { ExchangeError } from "./exchangeError.ts";

export type ExchangeRequest = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Queries are; undici lets only those share an HTTP/2 connection. */
  readonly isRepeatable: boolean;
};

export type HttpAnswer = {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  readonly bytes: Buffer;
};

export type ExchangeLimits = {
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly answerBytesMax: number;
};

/** Ends early through `scope`, or through `stop` when another exchange was faster. Rejects with an ExchangeError or a CallEnded. */
export function exchange(
  dispatcher: Dispatcher,
  { path, headers, body, isRepeatable }: ExchangeRequest,
  { headersTimeoutMs, bodyTimeoutMs, answerBytesMax }: ExchangeLimits,
  scope: CallScope,
  onStarted?: (stop: (reason: Error) => void) => void,
): Promise<HttpAnswer> {
  if (scope.reason) return Promise.reject(scope.reason);
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let ended: Error | undefined;
    let status = 0;
    let answerHeaders: IncomingHttpHeaders = {};
    let bytes = 0;
    let isAnswered = false;
    const pieces: Buffer[] = [];

    /** The connection may not exist yet: then the request is taken back as soon as it would be sent. */
    function end(reason: Error): void {
      if (ended) return;
      ended = reason;
      forget();
      pieces.length = 0;
      reject(reason);
      controller?.abort(reason);
    }
    const forget = scope.onEnd(end);
    onStarted?.(end);

    const tooLarge = () => end(new ExchangeError("too-large", undefined));

    dispatcher.dispatch(
      {
        method: "POST",
        path,
        headers,
        body,
        headersTimeout: headersTimeoutMs,
        bodyTimeout: bodyTimeoutMs,
        idempotent: isRepeatable,
      },
      {
        onRequestStart(started) {
          const isSecond = controller !== undefined;
          controller = started;
          // When an HTTP/2 connection is lost, undici sends again what was under way. Whether that may be is not its to say.
          if (isSecond) end(new ExchangeError("unanswered", new Error("the connection was lost")));
          else if (ended) started.abort(ended);
        },
        onResponseStart(_controller, statusCode, received) {
          // An informational answer is followed by the real one.
          if (statusCode < 200) return;
          isAnswered = true;
          status = statusCode;
          answerHeaders = received;
          if (Number(received["content-length"] ?? 0) > answerBytesMax) tooLarge();
        },
        onResponseData(_controller, piece) {
          if (ended) return;
          bytes += piece.length;
          if (bytes > answerBytesMax) tooLarge();
          else pieces.push(piece);
        },
        onResponseEnd() {
          if (ended) return;
          forget();
          const [first] = pieces;
          const whole = pieces.length === 1 && first ? first : Buffer.concat(pieces, bytes);
          const encoding = answerHeaders["content-encoding"];
          const { "content-type": contentType, "retry-after": retryAfter } = answerHeaders;
          const toAnswer = (unpacked: Buffer): HttpAnswer => ({
            status,
            contentType: typeof contentType === "string" ? contentType : undefined,
            retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
            bytes: unpacked,
          });
          if (encoding === undefined) resolve(toAnswer(whole));
          else decodeBody(whole, encoding, answerBytesMax).then(toAnswer).then(resolve, reject);
        },
        onResponseError(_controller, error) {
          if (ended) return;
          forget();
          reject(toExchangeError(error, isAnswered));
        },
      },
    );
  });
}

function toExchangeError(error: Error, isAnswered: boolean): ExchangeError {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return new ExchangeError("too-slow", error);
  }
  if (error instanceof errors.InvalidArgumentError) return new ExchangeError("unsendable", error);
  return new ExchangeError(isAnswered ? "broken" : "unanswered", error);
}
