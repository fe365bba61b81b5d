/**
 * Bundles that were signed by the right key and do not decide: in the trial they are refused and the last good one serves;
 * where they go wrong only when they serve, what they are asked about is denied, and nothing else is.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { changePolicyData } from "../../support/changePolicyData.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { eventually } from "../../support/eventually.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { type SignedPolicies, signPolicies } from "../../support/signPolicies.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { type PoliciesWatch, watchPolicies } from "../../support/watchPolicies.ts";

jest.setTimeout(120_000);

/**
 * How the policies of `policies/runtime/fixtures/moody` go wrong, about which of the two questions that a trial asks, and
 * what is then said of it.
 */
const moods = [
  ["throws", "Query.nobodyMaySee", "the policy failed"],
  ["loops", "Secret", "the policy was stopped"],
  ["allocates", "Query.nobodyMaySee", "the policy"],
  ["forgets", "Secret", "expected one decision for each of 1 requests, got 0"],
  ["invents", "Query.nobodyMaySee", "the policy's decisions have another shape"],
] as const;

const disposer = createDisposer();
let shop: Bookshop;
let policies: SignedPolicies;
let gateway: TestGateway;
let watch: PoliciesWatch;
let moody: Buffer;

const withMoods = (wrong: Readonly<Record<string, string>>) =>
  changePolicyData(moody, (data) => ({ ...data, moods: wrong }));
const ask = (query: string) => postGraphql(gateway.graphql, { query });

beforeAll(async () => {
  moody = await readFile(new URL("../../../policies/runtime/fixtures/moody.tar.gz", import.meta.url));
  shop = disposer.use(await startBookshop());
  policies = disposer.use(await signPolicies(await withMoods({})));
  gateway = disposer.use(
    await startGateway(shop.sdl, { ...policies.environment, ATLAS_POLICY_POLL_MS: "100" }),
  );
  watch = watchPolicies(gateway.url);
});
afterAll(async () => disposer[Symbol.asyncDispose]());

describe.each(moods)("a bundle that %s", (mood, tried, problem) => {
  test(`when it is tried, about ${tried}, is refused, and the last good one serves`, async () => {
    const { revision } = await watch.health();
    await policies.release(watch.nextRevision(), await withMoods({ [tried]: mood }));
    const health = await watch.waitFor(({ problem: found }) => found !== undefined);
    expect(health).toMatchObject({ revision, problem: { text: expect.stringContaining(problem) } });
    expect(await ask("{ huge(bytes: 1) }")).toMatchObject({ status: 200, data: { huge: "x" } });
  });

  test("when it serves, denies what it goes wrong about, and nothing else", async () => {
    await watch.swap(policies, await withMoods({ "Query.slow": mood, Book: mood }));
    const unavailable = [
      expect.objectContaining({ extensions: expect.objectContaining({ code: "POLICY_UNAVAILABLE" }) }),
    ];

    const asked = shop.seen.headers.length;
    const field = await ask("{ slow(ms: 1) huge(bytes: 1) }");
    expect([field.status, field.data ?? null, field.errors]).toEqual([503, null, unavailable]);
    expect(shop.seen.headers).toHaveLength(asked);

    const rows = await ask("{ books { title isbn } huge(bytes: 1) }");
    expect([rows.data, rows.errors]).toEqual([null, unavailable]);

    expect((await ask('{ item(id: "d1") { id } huge(bytes: 1) }')).data).toEqual({
      item: { id: "d1" },
      huge: "x",
    });
  });

  test("when it serves, shows nothing of an event that it goes wrong about", async () => {
    const client = createClient({ url: gateway.socket, webSocketImpl: WebSocket, retryAttempts: 0 });
    try {
      const event = client.iterate({ query: "subscription { bookAdded { title } }" }).next();
      await eventually(() => expect(shop.subscribers()).toBe(1));
      shop.addBook("Persuasion");
      const told = JSON.stringify((await event).value);
      expect(told).toContain("POLICY_UNAVAILABLE");
      expect(told).not.toContain("Persuasion");
    } finally {
      await client.dispose();
    }
    await eventually(() => expect(shop.subscribers()).toBe(0));
  });
});

test("a bundle that has come to its senses decides again", async () => {
  await watch.swap(policies, await withMoods({}));
  expect((await ask("{ books { title } slow(ms: 1) }")).data).toEqual({
    books: [{ title: "Dune" }, { title: "Emma" }],
    slow: "done",
  });
});
