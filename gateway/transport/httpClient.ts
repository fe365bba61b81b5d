/** What an exchange asks of whoever speaks HTTP to one origin: HTTP/1.1 is spoken by `http1/`, HTTP/2 by undici. */
import type { ExchangeError } from "./exchangeError.ts";

export type HttpClient = {
  /** Never throws; tells one of the events, once. Returns how to hang up: then nothing is told any more. */
  readonly post: (request: HttpRequest, limits: HttpLimits, events: HttpEvents) => (reason: Error) => void;
  /** Waits for requests under way. */
  readonly close: () => Promise<void>;
};

export type HttpRequest = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A string is one character for each byte. */
  readonly body: string | Uint8Array;
  /** Queries are; undici lets only those share an HTTP/2 connection. */
  readonly isRepeatable: boolean;
};

export type HttpLimits = {
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly answerBytesMax: number;
};

export type HttpEvents = {
  readonly onAnswer: (answer: ReceivedAnswer) => void;
  readonly onFailure: (error: ExchangeError) => void;
};

/** As it came: packed in the way that `contentEncoding` says. */
export type ReceivedAnswer = {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly retryAfter: string | undefined;
  readonly bytes: Buffer;
};
