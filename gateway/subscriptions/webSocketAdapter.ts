/** Carries WebSocket messages between `ws` and the protocol: upgrades, pings, limits, and a clean end. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { AllowOrigin } from "../http/allowOrigins.ts";
import { clientAddress } from "../http/clientAddress.ts";
import { describeCause, type Log } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Protocol } from "./graphqlWs.ts";

type Options = {
  readonly protocol: Protocol;
  readonly allowOrigin: AllowOrigin;
  readonly messageBytesMax: number;
  readonly isDraining: () => boolean;
  readonly trustedProxies: number;
  readonly log: Log;
  readonly metrics: Metrics;
};

export type Sockets = {
  /** Lets running queries and mutations finish, then closes every socket with 1001; subscriptions go with them. */
  readonly close: (timeoutMs: number) => Promise<void>;
};

const pingMs = 15_000;
/** How long a client may take to answer a close before its socket is cut. */
const closeWaitMs = 1_000;

export function serveWebSockets(server: Server, options: Options): Sockets {
  const { protocol, messageBytesMax } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    handleProtocols: (offered) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  });

  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refusal = findRefusal(request, options);
    if (refusal) {
      stream.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => carryMessages(socket, request, options));
  });

  return {
    async close(timeoutMs) {
      await Promise.race([protocol.settled(), sleep(timeoutMs, undefined, { ref: false })]);
      for (const socket of sockets.clients) socket.close(1001, "Going away");
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, closeWaitMs);
      await Promise.all(
        [...sockets.clients].map((socket) => new Promise((gone) => socket.once("close", gone))),
      );
      clearTimeout(cut);
      sockets.close();
    },
  };
}

/** A page of another origin could open a socket with what the browser has, so its origin has to be a known one. */
function findRefusal(request: IncomingMessage, { allowOrigin, isDraining }: Options): string | undefined {
  const { origin, host } = request.headers;
  if (request.url?.split("?")[0] !== "/graphql") return "404 Not Found";
  if (isDraining()) return "503 Service Unavailable";
  if (origin === undefined || allowOrigin(origin)) return undefined;
  const isOwn = URL.canParse(origin) && new URL(origin).host === host;
  return isOwn ? undefined : "403 Forbidden";
}

function carryMessages(
  socket: WebSocket,
  request: IncomingMessage,
  { protocol, log, metrics, trustedProxies }: Options,
): void {
  const controller = new AbortController();
  const countOut = metrics.socketOpened();
  const stopPings = keepAlive(socket);
  const close = (code: number, reason: string) => socket.close(code, reason);
  const header = (name: string) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  // Too large or malformed a frame; ws closes the socket itself with the code that says so.
  socket.on("error", (error) => log.info({ cause: describeCause(error) }, "websocket failed"));
  const ended = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) => send(socket, data),
      close,
      onMessage: (receive) => {
        socket.on("message", (data) => {
          receive(String(data)).catch((thrown: unknown) => {
            log.error({ cause: describeCause(thrown) }, "websocket message failed");
            close(CloseCode.InternalServerError, "INTERNAL_SERVER_ERROR");
          });
        });
      },
    },
    {
      header,
      address: clientAddress(request.socket.remoteAddress, header("x-forwarded-for"), trustedProxies),
      controller,
      close,
    },
  );
  socket.once("close", (code, reason) => {
    countOut();
    stopPings();
    controller.abort();
    void ended(code, String(reason));
  });
}

function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    // Waiting for the write is what slows a subscription down to its client. A write that fails is followed by the
    // socket's close, which ends all that runs on it.
    return socket.send(data, () => resolve());
  });
}

/** Ends sockets whose peer has vanished without a word. */
function keepAlive(socket: WebSocket): () => void {
  let isAlive = true;
  socket.on("pong", () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    return socket.ping();
  }, pingMs);
  return () => clearInterval(timer);
}
