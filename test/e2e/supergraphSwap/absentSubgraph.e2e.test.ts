/** Subgraphs that tell their schema themselves, and are not there when the gateway starts. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { startProxy, type TcpProxy } from "../../support/startProxy.ts";

const disposer = createDisposer();
let folder: string;
let books: TcpProxy;
let reviews: TcpProxy;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  const shop = disposer.use(await startBookshop());
  folder = await mkdtemp(join(tmpdir(), "atlas-absent-"));
  disposer.use({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const portOf = (name: string) =>
    Number(new RegExp(`name: "${name}", url: "[^"]*:(\\d+)`).exec(shop.sdl)?.[1]);
  books = disposer.use(await startProxy(0, portOf("books")));
  reviews = disposer.use(await startProxy(0, portOf("reviews")));
  const subgraphs = Object.fromEntries(
    Object.entries({ books, reviews }).map(([name, { port }]) => [
      name,
      { schema: { subgraph_url: `http://127.0.0.1:${port}/graphql` } },
    ]),
  );
  const yaml = join(folder, "supergraph.yaml");
  await writeFile(yaml, JSON.stringify({ subgraphs }));
  environment = {
    ATLAS_SUPERGRAPH: yaml,
    ATLAS_SUPERGRAPH_CACHE: join(folder, "cache"),
    ATLAS_SUPERGRAPH_POLL_MS: "200",
    ATLAS_SUPERGRAPH_WAIT_MS: "0",
  };
});
afterAll(async () => disposer[Symbol.asyncDispose]());

type Health = {
  readonly status: string;
  readonly supergraph: { readonly absent: readonly unknown[]; readonly problem?: unknown };
};

async function waitFor(gateway: TestGateway, holds: (health: Health) => boolean): Promise<Health> {
  for (;;) {
    const health = (await (await fetch(`${gateway.url}/health/ready`)).json()) as Health;
    if (holds(health)) return health;
    await sleep(50);
  }
}

const ask = (gateway: TestGateway, query: string) => postGraphql(gateway.graphql, { query });

test("the others are served until it tells its schema, and health says who is missing", async () => {
  await reviews.refuse();
  const first = await startGateway("", environment);
  expect(await waitFor(first, () => true)).toMatchObject({
    status: "degraded",
    supergraph: { absent: [{ name: "reviews", servedBy: "nothing" }] },
  });
  expect((await ask(first, "{ books { title } }")).data).toMatchObject({ books: [{ title: "Dune" }, {}] });
  const stars = "{ book(isbn: 1) { stars } }";
  expect((await ask(first, stars)).errors?.[0]?.extensions?.code).toBe("GRAPHQL_VALIDATION_FAILED");
  await reviews.accept();
  const whole = await waitFor(first, ({ supergraph }) => supergraph.absent.length === 0);
  expect(whole.supergraph.problem).toBeUndefined();
  while ((await ask(first, stars)).errors) await sleep(50);
  await first[Symbol.asyncDispose]();
});

test("what it told last is served by a gateway that starts while it is down", async () => {
  await reviews.refuse();
  await using second = await startGateway("", environment);
  expect(await waitFor(second, () => true)).toMatchObject({
    status: "degraded",
    supergraph: { absent: [{ name: "reviews", servedBy: "last known schema" }] },
  });
  const { data, errors } = await ask(second, "{ book(isbn: 1) { title stars } }");
  expect([data, errors?.[0]?.extensions?.code]).toEqual([
    { book: { title: "Dune", stars: null } },
    "SUBGRAPH_UNAVAILABLE",
  ]);
  await reviews.accept();
  await waitFor(second, ({ supergraph }) => supergraph.absent.length === 0);
});

test("where there is no graph without it, the start says which are missing, after the time to wait for them", async () => {
  await Promise.all([books.refuse(), reviews.refuse()]);
  const starting = startGateway("", { ...environment, ATLAS_SUPERGRAPH_CACHE: join(folder, "empty") });
  await expect(starting).rejects.toThrow(/\[books\] left out: .* does not answer[\s\S]*\[reviews\] left out/);
  const waiting = startGateway("", {
    ...environment,
    ATLAS_SUPERGRAPH_CACHE: join(folder, "empty"),
    ATLAS_SUPERGRAPH_WAIT_MS: "60000",
  });
  await sleep(300);
  await Promise.all([books.accept(), reviews.accept()]);
  await using gateway = await waiting;
  expect((await ask(gateway, "{ books { title stars } }")).errors).toBeUndefined();
});
