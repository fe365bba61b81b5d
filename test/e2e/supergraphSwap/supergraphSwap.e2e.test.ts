/** The supergraph changes on disk while requests and subscriptions run: nobody notices, and a broken one changes nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import type { TestGateway } from "../../support/startGateway.ts";
import { type RewritableGateway, startRewritable } from "./rewriteSupergraph.ts";

const disposer = createDisposer();
let shop: Bookshop;
let gateway: TestGateway;
let rewritable: RewritableGateway;

beforeAll(async () => {
  shop = disposer.use(await startBookshop());
  rewritable = disposer.use(await startRewritable(shop.sdl));
  gateway = rewritable.gateway;
});
afterAll(async () => disposer[Symbol.asyncDispose]());

/** Text after a description changes what is served, so its id, and nothing that clients see. */
const variant = (name: string) => `${shop.sdl}\n# ${name}\n`;
const withoutTitle = () => shop.sdl.replace(/^ *title: String.*$/m, "");

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
    for (const name of ["first", "second", "third"]) await rewritable.swap(variant(name));
    expect(await readMisses()).toBe(missesBefore);
    isOver = true;
    await Promise.all(clients);
    expect(faults).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  });

  test("lets a request under way finish on the old one", async () => {
    const slow = postGraphql(gateway.graphql, { query: "{ slow(ms: 3500) books { title } }" });
    await sleep(100);
    await rewritable.swap(withoutTitle());
    const gone = await postGraphql(gateway.graphql, { query: "{ books { title } }" });
    expect(gone.errors?.[0]?.extensions?.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(await slow).toMatchObject({
      status: 200,
      data: { slow: "done", books: [{ title: "Dune" }, { title: "Emma" }] },
    });
    await rewritable.swap(variant("fourth"));
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
    const good = await rewritable.readReady();
    expect(good.status).toBe("ready");
    const broken = await rewritable.write(
      "type Query {",
      ({ supergraph }) => supergraph.problem !== undefined,
    );
    expect(broken).toMatchObject({ status: "degraded", supergraph: { id: good.supergraph.id } });
    expect(broken.supergraph.problem?.text).toContain("not a supergraph this gateway can serve");
    expect((await postGraphql(gateway.graphql, { query: "{ books { title } }" })).status).toBe(200);
    expect(gateway.log.filter((line) => line.includes("supergraph refused"))).toHaveLength(1);
    expect(await readMetric('supergraph_changes_total{result="refused"}')).toBe(1);
    const mended = await rewritable.write(
      variant("mended"),
      ({ supergraph }) => supergraph.problem === undefined,
    );
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
    const { supergraph } = await rewritable.write(guarded, (ready) => ready.supergraph.problem !== undefined);
    expect(supergraph.problem?.text).toContain("@authenticated");
    await rewritable.write(variant("open"), (ready) => ready.supergraph.problem === undefined);
  });
});

async function readMetric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`atlas_gateway_${name}`));
  return Number(line?.split(" ").at(-1) ?? 0);
}

const readMisses = () => readMetric('cache_lookups_total{cache="plan",result="miss"}');
