/** The short form of `npm run load:policy-swap`: twenty subscriptions, two swaps. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { grantsOf } from "../../load/policySwap/grantsOf.ts";
import { runPolicySwapLoad } from "../../load/policySwap/runPolicySwapLoad.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { type SignedPolicies, signPolicies } from "../../support/signPolicies.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";

const disposer = createDisposer();
let shop: Bookshop;
let policies: SignedPolicies;
let gateway: TestGateway;

beforeAll(async () => {
  shop = disposer.use(await startBookshop());
  policies = disposer.use(await signPolicies(await grantsOf(true)));
  gateway = disposer.use(
    await startGateway(shop.sdl, {
      ...policies.environment,
      ATLAS_POLICY_POLL_MS: "100",
      ATLAS_LOG_LEVEL: "error",
      // All of it shares one process here, and a machine that may be busy.
      ATLAS_SUBGRAPH_TIMEOUT_MS: "120000",
    }),
  );
}, 120_000);
afterAll(async () => disposer[Symbol.asyncDispose]());

test("the first event after a swap follows the new rules at every subscriber, and nothing is lost", async () => {
  let minute = 0;
  const result = await runPolicySwapLoad({
    graphql: gateway.graphql,
    socket: gateway.socket,
    subscriptions: 20,
    eventEveryMs: 50,
    swaps: 2,
    eventsBetween: 3,
    patienceMs: 50_000,
    swap: async (isGranted) => {
      minute += 1;
      const revision = `2026-02-01T00:0${minute}:00Z`;
      await policies.release(revision, await grantsOf(isGranted));
      for (;;) {
        const { policies: served } = (await (await fetch(`${gateway.url}/health/ready`)).json()) as {
          policies: { revision: string };
        };
        if (served.revision === revision) return;
        await sleep(20);
      }
    },
    addBook: (title) => shop.addBook(title),
    countSources: async () => shop.subscribers(),
  });
  expect(result).toMatchObject({
    delivered: 20 * result.events,
    failedRequests: 0,
    lostEvents: 0,
    failedEvents: 0,
    clientErrors: 0,
    shownAgainstTheRules: 0,
    withheldAgainstTheRules: 0,
    examples: [],
  });
}, 180_000);
