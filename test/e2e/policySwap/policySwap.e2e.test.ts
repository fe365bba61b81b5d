/** Policies change while requests run: the next request follows the new ones, and a bundle that must not serve changes nothing. */
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { GraphQLFormattedError } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { createDisposer } from "../../support/createDisposer.ts";
import { grantToAnonymous } from "../../support/grantToAnonymous.ts";
import { listenOnFreePort } from "../../support/listenOnFreePort.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { type SignedPolicies, signPolicies } from "../../support/signPolicies.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { type PoliciesHealth, type PoliciesWatch, watchPolicies } from "../../support/watchPolicies.ts";

/** Several times what a busy machine takes: bundles are built, and gateways started. */
const patienceMs = 120_000;
jest.setTimeout(patienceMs);

const roots = { Query: ["books"], Subscription: ["bookAdded"] };
const disposer = createDisposer();
let shop: Bookshop;
let policies: SignedPolicies;
let gateway: TestGateway;
let open: Buffer;
let closed: Buffer;
let watch: PoliciesWatch;

beforeAll(async () => {
  open = await grantToAnonymous({ ...roots, Book: ["title", "stars"] });
  closed = await grantToAnonymous({ ...roots, Book: ["title"] });
  shop = disposer.use(await startBookshop());
  policies = disposer.use(await signPolicies(open));
  gateway = disposer.use(
    await startGateway(shop.sdl, { ...policies.environment, ATLAS_POLICY_POLL_MS: "200" }),
  );
  watch = watchPolicies(gateway.url);
});
afterAll(async () => disposer[Symbol.asyncDispose]());

const readStatus = async () =>
  // `as`: what the health page answers.
  ((await (await fetch(`${gateway.url}/health/ready`)).json()) as { status: string }).status;
const swap = (built: Uint8Array) => watch.swap(policies, built);

const ask = () => postGraphql(gateway.graphql, { query: "{ books { title stars } }" });

async function readMetric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`atlas_gateway_${name} `));
  return Number(line?.split(" ").at(-1) ?? 0);
}

describe("a policy bundle that changes", () => {
  test("is followed by the next request, both ways", async () => {
    expect((await ask()).data).toEqual({
      books: [
        { title: "Dune", stars: 5 },
        { title: "Emma", stars: 4 },
      ],
    });
    await swap(closed);
    const { data, errors } = await ask();
    expect(data).toEqual({
      books: [
        { title: "Dune", stars: null },
        { title: "Emma", stars: null },
      ],
    });
    expect(errors?.[0]?.extensions).toMatchObject({ coordinate: "Book.stars" });
    await swap(open);
    expect((await ask()).errors).toBeUndefined();
  });

  test("is swapped under load without a failed request", async () => {
    let isOver = false;
    let answered = 0;
    const faults: unknown[] = [];
    const clients = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const { status, errors } = await ask();
        answered += 1;
        if (
          status !== 200 ||
          errors?.some(({ extensions }) => extensions?.code !== "UNAUTHORIZED_FIELD_OR_TYPE")
        )
          faults.push({ status, errors });
        await sleep(5);
      }
    });
    const before = answered;
    for (const built of [closed, open]) await swap(built);
    while (answered < before + 50) await sleep(10);
    isOver = true;
    await Promise.all(clients);
    expect(faults).toEqual([]);
  });

  /** The next event of a subscription to a book, told when it stands at the subgraph. */
  async function subscribeToBook(fields: string) {
    const client = createClient({ url: gateway.socket, webSocketImpl: WebSocket, retryAttempts: 0 });
    disposer.use({ [Symbol.asyncDispose]: async () => client.dispose() });
    const events = client.iterate<{ bookAdded: object }>({
      query: `subscription { bookAdded { ${fields} } }`,
    });
    const next = async () => {
      const event = events.next();
      while (shop.subscribers() === 0) await sleep(10);
      shop.addBook("Emma");
      const { value } = await event;
      const denied = (value?.errors ?? []).map(
        (error: GraphQLFormattedError) => error.extensions?.coordinate,
      );
      return { ...value?.data?.bookAdded, denied };
    };
    const leave = async () => {
      await client.dispose();
      while (shop.subscribers() > 0) await sleep(10);
    };
    return { next, leave };
  }

  test("is followed by the first event after it, from the source that is open, whether it takes or grants", async () => {
    const { next, leave } = await subscribeToBook("title stars");
    const shown = { title: "Emma", stars: 5, denied: [] };
    const withheld = { title: "Emma", stars: null, denied: ["Book.stars"] };
    expect(await next()).toEqual(shown);
    const opened = shop.seen.extensions.length;
    await swap(closed);
    expect(await next()).toEqual(withheld);
    await swap(open);
    expect(await next()).toEqual(shown);
    expect(shop.seen.extensions).toHaveLength(opened);
    await leave();
  });

  test("grants from the first event on what was denied when the subscription began", async () => {
    await swap(closed);
    const { next, leave } = await subscribeToBook("name: title stars");
    expect(await next()).toEqual({ name: "Emma", stars: null, denied: ["Book.stars"] });
    const opened = shop.seen.extensions.length;
    await swap(open);
    expect(await next()).toEqual({ name: "Emma", stars: 5, denied: [] });
    expect(shop.seen.extensions).toHaveLength(opened);
    await leave();
  });

  test("shows no key that the gateway reads for itself", async () => {
    await swap(closed);
    const plain = await subscribeToBook("title stars");
    expect(Object.keys(await plain.next())).toEqual(["title", "stars", "denied"]);
    await plain.leave();
    // Denied and not nullable, so that nothing of the event is left.
    const asking = await subscribeToBook("title isbn stars");
    expect(await asking.next()).toEqual({ denied: ["Book.isbn", "Book.stars"] });
    await asking.leave();
    await swap(open);
  });

  test("grants a field of the event's own subgraph when a source that has it has taken over", async () => {
    await swap(await grantToAnonymous({ ...roots, Book: ["stars"] }));
    const { next, leave } = await subscribeToBook("title stars");
    const withheld = { title: null, stars: 5, denied: ["Book.title"] };
    expect(await next()).toEqual(withheld);
    // Nobody asked for it while it was denied, so the open source does not tell it.
    await swap(open);
    let told = await next();
    while (told.denied.length > 0) {
      expect(told).toEqual(withheld);
      told = await next();
    }
    expect(told).toEqual({ title: "Emma", stars: 5, denied: [] });
    await leave();
  });

  test("is visible in metrics", async () => {
    const { revision } = await watch.health();
    expect(await readMetric("policy_revision_timestamp_seconds")).toBe(Date.parse(revision) / 1000);
    expect(await readMetric('policy_changes_total{result="swapped"}')).toBeGreaterThan(0);
  });
});

describe("a policy bundle that must not serve", () => {
  const fixture = (name: string) =>
    readFile(new URL(`../../../policies/runtime/fixtures/${name}.tar.gz`, import.meta.url));

  test.each<[string, () => Promise<void>, string]>([
    ["unsigned", async () => writeFile(policies.file, open), "expected a signed bundle"],
    [
      "truncated",
      async () => {
        const whole = await readFile(policies.file);
        await writeFile(policies.file, whole.subarray(0, whole.byteLength / 2));
      },
      "not a whole gzipped tar",
    ],
    ["older", () => policies.release("2026-01-15T00:00:00Z", closed), "expected a revision later than"],
    [
      "signed by somebody else",
      async () => {
        await using others = await signPolicies(closed);
        await others.release("2027-01-01T00:00:00Z");
        await writeFile(policies.file, await readFile(others.file));
      },
      "signature by one of 1 known keys",
    ],
    [
      "without an answer",
      async () => policies.release(watch.nextRevision(), await fixture("hostile")),
      "the policy failed",
    ],
    [
      "of what only native OPA has",
      async () => policies.release(watch.nextRevision(), await fixture("native")),
      "the policy calls time.now_ns, unknown in WASM",
    ],
    ["a text", async () => writeFile(policies.file, "policies, honestly"), "not a whole gzipped tar"],
  ])("is one that is %s: the last good one serves, health and log say why", async (_, break_, text) => {
    const { revision } = await watch.health();
    await break_();
    const health = await watch.waitFor(({ problem }) => problem?.text.includes(text) ?? false);
    expect(health.revision).toBe(revision);
    expect(await readStatus()).toBe("degraded");
    expect((await ask()).errors).toBeUndefined();
  });

  test("is forgotten when a good one comes", async () => {
    await swap(open);
    expect(await readStatus()).toBe("ready");
  });

  test.each([
    ["unsigned", async () => writeFile(policies.file, open), "without .signatures.json"],
    ["absent", async () => writeFile(policies.file, ""), "not a whole gzipped tar"],
  ])("is no reason to start without policies when it is %s", async (_, break_, text) => {
    const whole = await readFile(policies.file);
    await break_();
    await expect(startGateway(shop.sdl, policies.environment)).rejects.toThrow(text);
    await writeFile(policies.file, whole);
    await watch.waitFor(({ problem }) => problem === undefined);
  });
});

describe("the last good bundle", () => {
  test("is what a restarted gateway serves while its source is away, and nothing older", async () => {
    let bundle = await readFile(policies.file);
    let status = 200;
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers["if-none-match"]);
      const etag = `"${bundle.byteLength}-${bundle.readUInt32LE(bundle.byteLength - 8)}"`;
      if (status === 200 && request.headers["if-none-match"] === etag) response.writeHead(304).end();
      else response.writeHead(status, { etag }).end(bundle);
    });
    const port = await listenOnFreePort(server);
    disposer.use({ [Symbol.asyncDispose]: async () => void server.close() });
    const environment = {
      ...policies.environment,
      ATLAS_POLICIES: `http://127.0.0.1:${port}/atlas.tar.gz`,
      ATLAS_POLICY_CACHE: `${policies.file}.kept`,
      ATLAS_POLICY_POLL_MS: "50",
    };
    const first = await startGateway(shop.sdl, environment);
    const { revision } = await watchPolicies(first.url).health();
    while (asked.filter((etag) => etag !== undefined).length < 2) await sleep(20);
    await first[Symbol.asyncDispose]();

    status = 503;
    const second = await startGateway(shop.sdl, environment);
    expect((await watchPolicies(second.url).waitFor(({ problem }) => problem !== undefined)).revision).toBe(
      revision,
    );
    expect((await postGraphql(second.graphql, { query: "{ books { title } }" })).errors).toBeUndefined();
    await second[Symbol.asyncDispose]();

    status = 200;
    const kept = bundle;
    await policies.release("2026-01-10T00:00:00Z", closed);
    bundle = await readFile(policies.file);
    const third = await startGateway(shop.sdl, environment);
    const health = await watchPolicies(third.url).waitFor(({ problem }) => problem !== undefined);
    expect(health).toMatchObject({ revision, problem: { text: expect.stringContaining("later than") } });
    bundle = kept;
    await watchPolicies(third.url).waitFor(({ problem }) => problem === undefined);
    await third[Symbol.asyncDispose]();
  });
});

describe("a shadow", () => {
  let served: SignedPolicies;
  let watched: TestGateway;
  beforeAll(async () => {
    served = disposer.use(await signPolicies(open));
    await using stranger = await signPolicies(closed);
    await writeFile(served.shadow.file, await readFile(stranger.file));
    watched = disposer.use(
      await startGateway(shop.sdl, {
        ...served.environment,
        ATLAS_POLICIES_SHADOW: served.shadow.file,
        ATLAS_POLICY_POLL_MS: "200",
      }),
    );
  });

  const askWatched = async (query: string) => {
    const { errors } = await postGraphql(watched.graphql, { query });
    // Whatever a shadow says, it takes nothing away.
    expect(errors).toBeUndefined();
  };
  type ShadowHealth = { revision?: string; problem?: { text: string } };
  const readShadow = async () => {
    const health: unknown = await (await fetch(`${watched.url}/health/ready`)).json();
    return health as { status: string; policies: PoliciesHealth; shadowPolicies: ShadowHealth };
  };
  const waitForShadow = async (holds: (health: ShadowHealth) => boolean) => {
    const deadline = performance.now() + patienceMs / 2;
    for (;;) {
      const health = await readShadow();
      if (holds(health.shadowPolicies)) return health;
      if (performance.now() > deadline) throw new Error(`came ${JSON.stringify(health.shadowPolicies)}`);
      await sleep(25);
    }
  };
  const readCount = async (metric: string, result: string) => {
    const text = await (await fetch(`${watched.url}/metrics`)).text();
    return Number(text.match(new RegExp(`${metric}\\{result="${result}"\\} (\\d+)`))?.[1] ?? 0);
  };
  const decided = (result: string) => readCount("policy_shadow_decisions_total", result);

  test("that nobody should believe keeps no gateway from starting, and makes nothing degraded", async () => {
    const { status, policies: inForce } = await waitForShadow(({ problem }) => problem !== undefined);
    expect(inForce.revision).toBe("2026-01-01T00:00:00Z");
    expect(status).toBe("ready");
    expect((await readShadow()).shadowPolicies.problem?.text).toContain("signature");
    await askWatched("{ books { title stars } }");
    expect(await readCount("policy_shadow_changes_total", "refused")).toBe(1);
  });

  test("is followed, asked the same and counted, and nobody is denied by it", async () => {
    await served.shadow.release("2026-01-02T00:00:00Z", closed);
    await waitForShadow(({ revision }) => revision === "2026-01-02T00:00:00Z");
    for (let at = 0; at < 3; at += 1) await askWatched("{ books { title stars } }");
    while ((await decided("stricter")) + (await decided("skipped")) < 3) await sleep(20);
    expect(await decided("stricter")).toBeGreaterThan(0);
    await askWatched("{ books { title } }");
    while ((await decided("same")) < 1) await sleep(20);
    expect(watched.log.find((line) => line.includes("the shadow decides otherwise"))).toContain("Book.stars");
    await served.shadow.release("2026-01-01T12:00:00Z", open);
    // Older than the one before: a shadow may be, because nobody is served by it.
    await waitForShadow(({ revision }) => revision === "2026-01-01T12:00:00Z");
    const same = await decided("same");
    await askWatched("{ books { title stars } }");
    while ((await decided("same")) === same) await sleep(20);
  });

  test("that breaks stays away, and the last good one goes on counting", async () => {
    await writeFile(served.shadow.file, "no bundle");
    const { status } = await waitForShadow(({ problem }) => problem !== undefined);
    expect(status).toBe("ready");
    expect((await readShadow()).shadowPolicies.revision).toBe("2026-01-01T12:00:00Z");
    const same = await decided("same");
    await askWatched("{ books { title stars } }");
    while ((await decided("same")) === same) await sleep(20);
  });
});
