/** The bookshop in a process of its own (serveBookshop.ts). */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { BookshopMessage, BookshopReply } from "./serveBookshop.ts";

export async function openShop() {
  const child = fork(fileURLToPath(new URL("./serveBookshop.js", import.meta.url)));
  const send = (message: BookshopMessage) => void child.send(message);
  // `serveBookshop` sends nothing else.
  const next = async () => (await once(child, "message"))[0] as BookshopReply;
  const started = await next();
  if (!("sdl" in started)) throw new Error("expected the SDL of the bookshop first");
  return {
    sdl: started.sdl,
    send,
    count: async () => {
      send({ count: true });
      const counted = await next();
      return "subscribers" in counted ? counted.subscribers : 0;
    },
    close: () => child.disconnect(),
  };
}
