import type { Server } from "node:http";

/** Answers the port, on 127.0.0.1. */
export function listenOnFreePort(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("Expected a TCP address.");
      resolve(address.port);
    });
  });
}
