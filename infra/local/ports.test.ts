import { createServer, type Server } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { findFreePort, findFreePorts, ports } from "./ports.ts";

describe("ports", () => {
  test("move past what is taken, and never onto each other", async () => {
    const base = await findFreePort(31_000);
    const preferred = Object.fromEntries(Object.keys(ports).map((name, index) => [name, base + index]));
    const taken = await listen(base);
    try {
      const found = await findFreePorts({ ...ports, ...preferred });
      expect(found.gateway).toBeGreaterThanOrEqual(base + Object.keys(ports).length);
      expect(new Set(Object.values(found)).size).toBe(Object.keys(ports).length);
    } finally {
      taken.close();
    }
  });
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
