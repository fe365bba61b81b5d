/**
 * HTTP/1.1 to one origin over connections that are kept. undici does the same for everybody; this does it for one kind of
 * request, at half the cost: one write a request, one copy of an answer, no objects for headers that nobody reads.
 * What was measured is in docs/guides/performance.md.
 */
import { isIP } from "node:net";
import { ExchangeError } from "../exchangeError.ts";
import type { HttpClient } from "../httpClient.ts";
import { Connection, type Origin, type Sent } from "./connection.ts";
import { writeHead } from "./writeHead.ts";

type Options = {
  readonly origin: string;
  readonly connectTimeoutMs: number;
  readonly connectionsMax: number;
  /** PEM of the authorities trusted in place of the system's. */
  readonly ca: string | undefined;
};

/** How often connections are looked for that have waited long enough. */
const sweepMs = 1_000;

export function createHttp1Client({ origin, connectTimeoutMs, connectionsMax, ca }: Options): HttpClient {
  const target = readOrigin(origin, ca);
  const open = new Set<Connection>();
  /** The last one used comes first: the others may then go. */
  const free: Connection[] = [];
  /** In the order they came; one that hung up is no longer in it. */
  const waiting = new Set<Waiting>();
  let connecting = 0;
  let sweeping: NodeJS.Timeout | undefined;
  let isClosing = false;
  let onAllClosed: (() => void) | undefined;

  const events = {
    onConnected(connection: Connection) {
      connecting -= 1;
      offer(connection);
    },
    onFree: offer,
    onClosed(connection: Connection, cause: Error | undefined) {
      open.delete(connection);
      const at = free.indexOf(connection);
      if (at >= 0) free.splice(at, 1);
      if (!connection.isConnected) {
        connecting -= 1;
        failFirst(cause);
      }
      // Somebody may have waited for this one.
      openIfNeeded();
      if (isClosing && open.size === 0) onAllClosed?.();
    },
  };

  function offer(connection: Connection): void {
    const [next] = waiting;
    if (next) {
      waiting.delete(next);
      start(connection, next);
    } else if (isClosing) connection.hangUp();
    else {
      free.push(connection);
      sweeping ??= setInterval(sweep, sweepMs).unref();
    }
  }

  /** A connection that could not be made takes one of those who wait for one with it. */
  function failFirst(cause: Error | undefined): void {
    const [first] = waiting;
    if (!first || waiting.size <= connecting) return;
    waiting.delete(first);
    first.events.onFailure(new ExchangeError("unanswered", cause));
  }

  function openIfNeeded(): void {
    if (waiting.size > connecting && open.size < connectionsMax) {
      connecting += 1;
      open.add(new Connection(target, connectTimeoutMs, events));
    }
  }

  function takeFree(): Connection | undefined {
    const now = performance.now();
    for (let connection = free.pop(); connection; connection = free.pop()) {
      if (connection.usableUntil > now) return connection;
      connection.hangUp();
    }
    return undefined;
  }

  function sweep(): void {
    const now = performance.now();
    for (const connection of [...free]) if (connection.usableUntil <= now) connection.hangUp();
    if (free.length > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  function start(connection: Connection, sent: Waiting): void {
    sent.connection = connection;
    connection.send(sent);
  }

  return {
    post(request, limits, told) {
      const { path, headers, body } = request;
      let head: string;
      try {
        if (isClosing) throw new ExchangeError("unanswered", new Error("this client is closed"));
        head = writeHead(`POST ${path} HTTP/1.1\r\nhost: ${target.authority}\r\n`, headers, body.length);
      } catch (thrown) {
        const error = thrown instanceof ExchangeError ? thrown : new ExchangeError("unsendable", thrown);
        queueMicrotask(() => told.onFailure(error));
        return () => {};
      }
      const sent: Waiting = { head, body, limits, events: told, connection: undefined };
      const connection = takeFree();
      if (connection) start(connection, sent);
      else {
        waiting.add(sent);
        openIfNeeded();
      }
      return () => {
        if (sent.connection) sent.connection.hangUpOn(sent);
        else waiting.delete(sent);
      };
    },
    close: () => {
      isClosing = true;
      clearInterval(sweeping);
      for (const connection of free.splice(0)) connection.hangUp();
      if (open.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        onAllClosed = resolve;
      });
    },
  };
}

type Waiting = Sent & { connection: Connection | undefined };

function readOrigin(origin: string, ca: string | undefined): Origin {
  const { protocol, hostname, port, host } = new URL(origin);
  const name = hostname.replace(/^\[|\]$/g, "");
  const isTls = protocol === "https:";
  return {
    host: name,
    port: Number(port || (isTls ? 443 : 80)),
    authority: host,
    // An address has no name to ask for (RFC 6066 §3).
    tls: isTls ? { servername: isIP(name) ? "" : name, ca } : undefined,
  };
}
