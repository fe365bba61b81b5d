/** A way to the database that can be cut: what a subgraph sees when PostgreSQL dies, without ending other tests' own. */
import { connect, createServer, type Socket } from "node:net";

export type DatabaseProxy = AsyncDisposable & {
  readonly port: number;
  /** Ends every connection and refuses new ones. */
  readonly cut: () => Promise<void>;
  /** Takes connections again, on the same port. */
  readonly mend: () => Promise<void>;
  /** Keeps every connection open and lets nothing through, as a network does that lost its way. */
  readonly freeze: () => void;
  readonly thaw: () => void;
};

export async function startProxy(target: number): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        if (address === null || typeof address === "string")
          return reject(new Error("expected a TCP address"));
        resolve(address.port);
      });
    });
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const port = await listen(0);
  return {
    port,
    cut: close,
    mend: async () => {
      await listen(port);
    },
    freeze: () => {
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      for (const socket of sockets) socket.resume();
    },
    [Symbol.asyncDispose]: close,
  };
}
