/**
 * One connection to an origin, for one request at a time. Plain ones all read into the same memory: what is kept of an
 * answer is copied out of it before the next read of any of them.
 */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterReading } from "../afterReading.ts";
import { ExchangeError } from "../exchangeError.ts";
import type { HttpEvents, HttpLimits, HttpRequest } from "../httpClient.ts";
import { AnswerReader } from "./readAnswer.ts";

export type Origin = {
  readonly host: string;
  readonly port: number;
  /** As the `host` header has it. */
  readonly authority: string;
  /** Undefined for plain connections. */
  readonly tls: { readonly servername: string; readonly ca: string | undefined } | undefined;
};

export type ConnectionEvents = {
  readonly onConnected: (connection: Connection) => void;
  /** It has an answer and may be asked again. */
  readonly onFree: (connection: Connection) => void;
  /** Told once, whatever the reason; the cause is undefined where nothing went wrong. */
  readonly onClosed: (connection: Connection, cause: Error | undefined) => void;
};

export type Sent = {
  /** Written by `writeHead`. */
  readonly head: string;
  readonly body: HttpRequest["body"];
  readonly limits: HttpLimits;
  readonly events: HttpEvents;
};

/** Reading is synchronous, so connections never need it at the same time. */
const lent = Buffer.allocUnsafeSlow(65_536);
/** What servers without a word about it are trusted to keep a connection for, and how much earlier than their word we let go. */
const keptSecondsDefault = 4;
const keptSecondsMargin = 2;
const keptSecondsMax = 600;
const keepAliveProbeMs = 60_000;

export class Connection {
  /** Monotonic milliseconds until which it may be used again. */
  usableUntil = Number.POSITIVE_INFINITY;
  isConnected = false;

  private readonly origin: Origin;
  private readonly events: ConnectionEvents;
  private readonly socket: Socket;
  private readonly reader = new AnswerReader(() => this.sent?.limits.answerBytesMax ?? 0);
  private sent: Sent | undefined;
  private connectTimer: NodeJS.Timeout | undefined;
  /** When what is waited for has to be there; the timer may ring before, because it is not set anew for each request. */
  private limitAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private timerAt = 0;
  private isClosed = false;

  constructor(origin: Origin, connectTimeoutMs: number, events: ConnectionEvents) {
    this.origin = origin;
    this.events = events;
    this.socket = origin.tls ? this.openTls() : this.openPlain();
    this.socket.setNoDelay(true);
    this.socket.setKeepAlive(true, keepAliveProbeMs);
    this.socket.on("error", (error) => this.close(error));
    this.socket.on("end", () => this.endOfAnswers());
    this.socket.on("close", () => this.close(new Error("the connection was closed")));
    this.socket.once(origin.tls ? "secureConnect" : "connect", () => {
      this.isConnected = true;
      clearTimeout(this.connectTimer);
      events.onConnected(this);
    });
    const giveUp = () => {
      if (!this.isConnected) this.close(new Error("there was no connection in time"));
    };
    this.connectTimer = setTimeout(() => afterReading(giveUp), connectTimeoutMs);
  }

  /** Only on one that is connected and free. */
  send(sent: Sent): void {
    const { head, body, limits } = sent;
    this.sent = sent;
    this.socket.ref();
    // As one string it is one call of the system.
    if (typeof body === "string") this.socket.write(head + body, "latin1");
    else {
      this.socket.cork();
      this.socket.write(head, "latin1");
      this.socket.write(body);
      this.socket.uncork();
    }
    this.limitTo(limits.headersTimeoutMs);
  }

  /** Ends it; what is under way on it is told nothing. */
  hangUp(): void {
    this.sent = undefined;
    this.close(undefined);
  }

  /** The same, unless it has gone on to something else. */
  hangUpOn(sent: Sent): void {
    if (this.sent === sent) this.hangUp();
  }

  private openPlain(): Socket {
    const { host, port } = this.origin;
    const onread = {
      buffer: lent,
      callback: (count: number, bytes: Uint8Array) => {
        // It is `lent`, whose type gets lost.
        this.receive(bytes as Buffer, count);
        return true;
      },
    };
    return connectPlain({ host, port, onread });
  }

  private openTls(): Socket {
    const { host, port, tls } = this.origin;
    const socket = connectTls({
      host,
      port,
      ALPNProtocols: ["http/1.1"],
      ...(tls?.servername ? { servername: tls.servername } : {}),
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    });
    socket.on("data", (bytes: Buffer) => this.receive(bytes, bytes.length));
    return socket;
  }

  private receive(bytes: Buffer, count: number): void {
    const { sent, reader } = this;
    if (!sent) {
      // Nobody asked. An answer to the next request it must not become.
      this.close(undefined);
      return;
    }
    const state = reader.read(bytes, count);
    if (state === "done") this.finish(sent, reader.hasTaken(count));
    else if (state === "too-large") this.fail(new ExchangeError("too-large", undefined));
    else if (state === "invalid") this.fail(this.broken(new Error("the answer is not valid HTTP")));
    // Of a head that is not whole each byte could come slowly; of a body each is worth waiting for.
    else if (reader.head) this.limitTo(sent.limits.bodyTimeoutMs);
  }

  private finish(sent: Sent, isClean: boolean): void {
    this.sent = undefined;
    const { keptSeconds, ...answer } = this.reader.take();
    const seconds = Math.min(
      keptSeconds === undefined ? keptSecondsDefault : keptSeconds - keptSecondsMargin,
      keptSecondsMax,
    );
    // A server that answers before it has read all of a request, or says more than it was asked, is done with.
    if (!isClean || seconds <= 0 || this.socket.writableLength > 0) this.close(undefined);
    else {
      this.usableUntil = performance.now() + seconds * 1_000;
      this.events.onFree(this);
      // A connection that waits does not keep the process alive.
      if (!this.sent) this.socket.unref();
    }
    sent.events.onAnswer(answer);
  }

  private endOfAnswers(): void {
    const { sent } = this;
    if (sent && this.reader.endsWithConnection()) this.finish(sent, false);
    else this.close(new Error("the connection was closed"));
  }

  /** Before the first byte of an answer somebody else may still be asked. */
  private broken(cause: Error): ExchangeError {
    return new ExchangeError(this.reader.head ? "broken" : "unanswered", cause);
  }

  private fail(error: ExchangeError): void {
    const { sent } = this;
    this.sent = undefined;
    this.close(undefined);
    sent?.events.onFailure(error);
  }

  private close(cause: Error | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.connectTimer);
    clearTimeout(this.timer);
    const { sent } = this;
    this.sent = undefined;
    this.socket.destroy();
    this.events.onClosed(this, cause);
    sent?.events.onFailure(this.broken(cause ?? new Error("the connection was closed")));
  }

  private limitTo(ms: number): void {
    this.limitAt = performance.now() + ms;
    if (!this.timer || this.limitAt < this.timerAt) this.setTimer(ms);
  }

  private setTimer(ms: number): void {
    clearTimeout(this.timer);
    this.timerAt = performance.now() + ms;
    this.timer = setTimeout(this.onTimer, ms).unref();
  }

  private readonly onTimer = () => {
    this.timer = undefined;
    if (!this.sent) return;
    const left = this.limitAt - performance.now();
    if (left > 0) this.setTimer(left);
    else afterReading(this.failOverdue);
  };

  /** By now it may have its answer, more of it, or another request. */
  private readonly failOverdue = () => {
    if (this.sent && this.limitAt <= performance.now()) this.fail(new ExchangeError("too-slow", undefined));
  };
}
