/** A network path between two regions that can fail in the ways that networks do, each direction by itself. */
import { connect, createServer, type Socket } from "node:net";

export type LinkFault =
  /** Connections stay open and nothing passes: `forth` is from the receiver to the sender, `back` carries the changes. */
  | { readonly kind: "paused"; readonly forth: boolean; readonly back: boolean }
  /** Every connection is ended and new ones are refused. */
  | { readonly kind: "cut" }
  /** Everything arrives, later. */
  | { readonly kind: "slow"; readonly delayMs: number };

export type Link = AsyncDisposable & {
  readonly port: number;
  /** Undefined mends it. */
  readonly fail: (fault: LinkFault | undefined) => void;
};

export async function startLink(target: number): Promise<Link> {
  const ends = new Set<Socket>();
  const directions = new Set<{
    readonly name: "forth" | "back";
    readonly from: Socket;
    readonly to: Socket;
  }>();
  let fault: LinkFault | undefined;

  const server = createServer((client) => {
    if (fault?.kind === "cut") return void client.destroy();
    const upstream = connect(target, "127.0.0.1");
    const forth = { name: "forth", from: client, to: upstream } as const;
    const back = { name: "back", from: upstream, to: client } as const;
    for (const direction of [forth, back]) {
      const { from, to } = direction;
      ends.add(from);
      directions.add(direction);
      from.on("data", (chunk) => pass(to, chunk));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        ends.delete(from);
        directions.delete(direction);
        to.destroy();
      });
    }
    settle();
  });

  function pass(to: Socket, chunk: Buffer): void {
    // Timers of one length fire in the order in which they were set, so the bytes stay in order.
    if (fault?.kind === "slow") setTimeout(() => to.write(chunk), fault.delayMs);
    else to.write(chunk);
  }

  function settle(): void {
    if (fault?.kind === "cut") for (const socket of ends) socket.destroy();
    for (const { name, from } of directions) {
      if (fault?.kind === "paused" && fault[name]) from.pause();
      else from.resume();
    }
  }

  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") return reject(new Error("expected a TCP address"));
      resolve(address.port);
    });
  });

  return {
    port,
    fail: (next) => {
      // From slow to well: what is on its way must not be overtaken, so those connections end.
      if (fault?.kind === "slow" && next?.kind !== "slow") for (const socket of ends) socket.destroy();
      fault = next;
      settle();
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of ends) socket.destroy();
      await closed;
    },
  };
}
