/** The bookshop in a process of its own. Its opener sends `{ add }`, or `{ count }` to be told how many are subscribed. */
import { startBookshop } from "../../support/startBookshop.ts";

export type BookshopMessage = { readonly add: string } | { readonly count: true };
export type BookshopReply = { readonly sdl: string } | { readonly subscribers: number };

const shop = await startBookshop();
const reply = (message: BookshopReply) => process.send?.(message);
process.on("message", (message: BookshopMessage) => {
  if ("add" in message) shop.addBook(message.add);
  else reply({ subscribers: shop.subscribers() });
});
process.on("disconnect", () => process.exit());
reply({ sdl: shop.sdl });
