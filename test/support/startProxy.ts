/** Passes TCP on to a port of this machine, until a test cuts the connections: a network that breaks. */
import { connect, createServer, type Socket } from "node:net";

export type TcpProxy = AsyncDisposable & {
  readonly port: number;
  /** Breaks every connection, whatever is under way; new ones are let through. */
  readonly cut: () => void;
  /** Refuses connections, as the port of a process that died does. */
  readonly refuse: () => Promise<void>;
  readonly accept: () => Promise<void>;
};

/** `port` 0 lets the system choose. */
export async function startProxy(port: number, target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.pipe(client);
  });
  const listen = (on: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(on, "127.0.0.1", resolve);
    });
  await listen(port);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected a TCP address.");
  const refuse = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    cut();
    await closed;
  };
  return {
    port: address.port,
    cut,
    refuse,
    accept: () => listen(address.port),
    [Symbol.asyncDispose]: refuse,
  };
}
