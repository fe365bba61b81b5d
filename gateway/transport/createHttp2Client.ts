/** HTTP/2 through undici, and HTTP/1.1 with those who do not offer it. */
import { buildConnector, Client, type Dispatcher, errors, Pool } from "undici";
import { ExchangeError } from "./exchangeError.ts";
import type { HttpClient, ReceivedAnswer } from "./httpClient.ts";

type Options = {
  readonly origin: string;
  readonly connectTimeoutMs: number;
  readonly connectionsMax: number;
  readonly ca: string | undefined;
};

export function createHttp2Client(options: Options): HttpClient {
  const pool = createPool(options);
  return {
    post({ path, headers, body, isRepeatable }, limits, events) {
      let controller: Dispatcher.DispatchController | undefined;
      let ended: Error | undefined;
      let answer: Omit<ReceivedAnswer, "bytes"> | undefined;
      let bytes = 0;
      const pieces: Buffer[] = [];

      /** The connection may not exist yet: then the request is taken back as soon as it would be sent. */
      function hangUp(reason: Error): void {
        ended ??= reason;
        pieces.length = 0;
        controller?.abort(reason);
      }
      function fail(error: ExchangeError): void {
        if (ended) return;
        hangUp(error);
        events.onFailure(error);
      }

      pool.dispatch(
        {
          method: "POST",
          path,
          headers,
          body: typeof body === "string" ? Buffer.from(body, "latin1") : body,
          headersTimeout: limits.headersTimeoutMs,
          bodyTimeout: limits.bodyTimeoutMs,
          idempotent: isRepeatable,
        },
        {
          onRequestStart(started) {
            const isSecond = controller !== undefined;
            controller = started;
            // When a connection is lost, undici sends again what was under way. Whether that may be is not its to say.
            if (isSecond) fail(new ExchangeError("unanswered", new Error("the connection was lost")));
            else if (ended) started.abort(ended);
          },
          onResponseStart(_controller, status, headers) {
            // An informational answer is followed by the real one.
            if (status < 200) return;
            answer = {
              status,
              contentType: textOf(headers["content-type"]),
              contentEncoding: textOf(headers["content-encoding"]),
              retryAfter: textOf(headers["retry-after"]),
            };
            if (Number(headers["content-length"] ?? 0) > limits.answerBytesMax) fail(tooLarge());
          },
          onResponseData(_controller, piece) {
            if (ended) return;
            bytes += piece.length;
            if (bytes > limits.answerBytesMax) fail(tooLarge());
            else pieces.push(piece);
          },
          onResponseEnd() {
            if (ended || !answer) return;
            const [first] = pieces;
            const whole = pieces.length === 1 && first ? first : Buffer.concat(pieces, bytes);
            events.onAnswer({ ...answer, bytes: whole });
          },
          onResponseError(_controller, error) {
            if (ended) return;
            ended = error;
            events.onFailure(toExchangeError(error, answer !== undefined));
          },
        },
      );
      return hangUp;
    },
    close: () => pool.close(),
  };
}

/** What servers usually allow on one connection. */
const streamsMax = 100;

/** A connection takes many calls at once, unless its server turns out to speak HTTP/1.1: there each would wait for the one before. */
function createPool({ origin, connectTimeoutMs, connectionsMax, ca }: Options): Pool {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: true,
    ...(ca === undefined ? {} : { ca }),
  });
  let isHttp2 = false;
  const pool = new Pool(origin, {
    connections: connectionsMax,
    allowH2: true,
    pipelining: streamsMax,
    connect: (options, done) =>
      connect(options, (...result) => {
        const [, socket] = result;
        isHttp2 = socket !== null && "alpnProtocol" in socket && socket.alpnProtocol === "h2";
        done(...result);
      }),
  });
  return pool.on("connect", (_origin, targets) => {
    const client = targets.at(-1);
    if (!isHttp2 && client instanceof Client) client.pipelining = 1;
  });
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(", ") : header;
}

function tooLarge(): ExchangeError {
  return new ExchangeError("too-large", undefined);
}

function toExchangeError(error: Error, isAnswered: boolean): ExchangeError {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return new ExchangeError("too-slow", error);
  }
  if (error instanceof errors.InvalidArgumentError) return new ExchangeError("unsendable", error);
  return new ExchangeError(isAnswered ? "broken" : "unanswered", error);
}
