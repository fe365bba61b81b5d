/** The short form of `npm run load:swap`: every way a supergraph changes, once, with fifty subscriptions. */
import { expect, test } from "@jest/globals";
import { runSwapLoad } from "../../load/supergraphSwap/runSwapLoad.ts";
import { swapsOf } from "../../load/supergraphSwap/swapsOf.ts";
import { startBookshop } from "../../support/startBookshop.ts";
import { startRewritable } from "./rewriteSupergraph.ts";

const seed = 1;

test("a supergraph that changes under load loses no request and no event, and tells no client", async () => {
  await using shop = await startBookshop();
  await using rewritable = await startRewritable(shop.sdl);
  const { gateway, swap } = rewritable;
  const result = await runSwapLoad({
    graphql: gateway.graphql,
    socket: gateway.socket,
    subscriptions: 50,
    askers: 3,
    askPauseMs: 20,
    eventEveryMs: 100,
    swaps: swapsOf(shop.sdl, seed, 3, swap),
    aroundSwapMs: 300,
    addBook: shop.addBook,
    countSources: async () => shop.subscribers(),
  });
  expect(result).toMatchObject({
    failedRequests: 0,
    lostEvents: 0,
    repeatedEvents: 0,
    clientErrors: 0,
    examples: [],
  });
  expect(result.delivered).toBe(result.events * 50);
  expect(result.events).toBeGreaterThan(10);
}, 120_000);
