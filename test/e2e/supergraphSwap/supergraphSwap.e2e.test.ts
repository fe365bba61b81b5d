/** The supergraph changes on disk while requests and subscriptions run: nobody notices, and a broken one changes nothing. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";

const disposer = createDisposer();
let shop: Bookshop;
let gateway: TestGateway;
let file: string;

beforeAll(async () => {
  shop = disposer.use(await startBookshop());
  const folder = await mkdtemp(join(tmpdir(), "atlas-swap-"));
  disposer.use({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  file = join(folder, "supergraph.graphql");
  await writeFile(file, shop.sdl);
  gateway = disposer.use(
    await startGateway(shop.sdl, { ATLAS_SUPERGRAPH: file, ATLAS_SUPERGRAPH_POLL_MS: "200" }),
  );
});
afterAll(async () => disposer[Symbol.asyncDispose]());

/** Text after a description changes what is served, so its id, and nothing that clients see. */
const variant = (name: string) => `${shop.sdl}\n# ${name}\n`;
const withoutTitle = () => shop.sdl.replace(/^ *title: String.*$/m, "");

type Ready = {
  readonly status: string;
  readonly supergraph: { readonly id: string; readonly problem?: { readonly text: string } };
};

async function readReady(): Promise<Ready> {
  return (await fetch(`${gateway.url}/health/ready`)).json() as Promise<Ready>;
}

async function write(sdl: string, isThere: (ready: Ready) => boolean): Promise<Ready> {
  await writeFile(file, sdl);
  for (let at = 0; at < 400; at += 1) {
    const ready = await readReady();
    if (isThere(ready)) return ready;
    await sleep(25);
  }
  throw new Error("the gateway did not take notice");
}

async function swap(sdl: string): Promise<Ready> {
  const { supergraph } = await readReady();
  return write(sdl, (ready) => ready.supergraph.id !== supergraph.id);
}

describe("a supergraph that changes", () => {
  test("takes over under load without a failed request, its most used operations planned before", async () => {
    let isOver = false;
    let answered = 0;
    const faults: unknown[] = [];
    const keepAsking = async (query: string) => {
      while (!isOver) {
        const { status, errors } = await postGraphql(gateway.graphql, { query });
        answered += 1;
        if (status !== 200 || errors) faults.push({ status, errors });
      }
    };
    const clients = ["{ books { title stars } }", "{ book(isbn: 2) { stars } }", "{ slow(ms: 30) }"].map(
      keepAsking,
    );
    await sleep(200);
    const missesBefore = await readMisses();
    for (const name of ["first", "second", "third"]) await swap(variant(name));
    expect(await readMisses()).toBe(missesBefore);
    isOver = true;
    await Promise.all(clients);
    expect(faults).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  });

  test("lets a request under way finish on the old one", async () => {
    const slow = postGraphql(gateway.graphql, { query: "{ slow(ms: 3500) books { title } }" });
    await sleep(100);
    await swap(withoutTitle());
    const gone = await postGraphql(gateway.graphql, { query: "{ books { title } }" });
    expect(gone.errors?.[0]?.extensions?.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(await slow).toMatchObject({
      status: 200,
      data: { slow: "done", books: [{ title: "Dune" }, { title: "Emma" }] },
    });
    await swap(variant("fourth"));
  });

  test("lets subscriptions go on", async () => {
    const client = createClient({ url: gateway.socket, webSocketImpl: WebSocket, retryAttempts: 0 });
    const events = client.iterate({ query: "subscription { bookAdded { title stars } }" });
    const titles: unknown[] = [];
    const reading = (async () => {
      for await (const { data } of events) titles.push(data?.bookAdded);
    })();
    while (shop.subscribers() === 0) await sleep(10);
    shop.addBook("before");
    while (titles.length === 0) await sleep(10);
    await swap(variant("fifth"));
    // Longer than an idle old one stays open.
    await sleep(1_500);
    shop.addBook("after");
    while (titles.length === 1) await sleep(10);
    await client.dispose();
    await reading.catch(() => {});
    expect(titles).toEqual([
      { title: "before", stars: 5 },
      { title: "after", stars: 5 },
    ]);
  });

  test("is closed after its last request", async () => {
    const closed = () => gateway.log.filter((line) => line.includes("old supergraph closed")).length;
    const swapped = () => gateway.log.filter((line) => line.includes("supergraph swapped")).length;
    while (closed() < swapped()) await sleep(50);
    expect(closed()).toBe(swapped());
  });
});

describe("a supergraph that is broken", () => {
  test("leaves the last good one serving, and is told in health, metrics and log until it is mended", async () => {
    const good = await readReady();
    expect(good.status).toBe("ready");
    const broken = await write("type Query {", ({ supergraph }) => supergraph.problem !== undefined);
    expect(broken).toMatchObject({ status: "degraded", supergraph: { id: good.supergraph.id } });
    expect(broken.supergraph.problem?.text).toContain("not a supergraph this gateway can serve");
    expect((await postGraphql(gateway.graphql, { query: "{ books { title } }" })).status).toBe(200);
    expect(gateway.log.filter((line) => line.includes("supergraph refused"))).toHaveLength(1);
    expect(await readMetric('supergraph_changes_total{result="refused"}')).toBe(1);
    const mended = await write(variant("mended"), ({ supergraph }) => supergraph.problem === undefined);
    expect(mended.status).toBe("ready");
  });

  test("is one that needs policies which this gateway does not have", async () => {
    const guarded = shop.sdl
      .replace("broken: String", "broken: String @authenticated")
      .replace(
        "schema\n",
        'schema\n  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)\n',
      )
      .concat("\ndirective @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM\n");
    const { supergraph } = await write(guarded, (ready) => ready.supergraph.problem !== undefined);
    expect(supergraph.problem?.text).toContain("@authenticated");
    await write(variant("open"), (ready) => ready.supergraph.problem === undefined);
  });
});

async function readMetric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`atlas_gateway_${name}`));
  return Number(line?.split(" ").at(-1) ?? 0);
}

const readMisses = () => readMetric('cache_lookups_total{cache="plan",result="miss"}');
