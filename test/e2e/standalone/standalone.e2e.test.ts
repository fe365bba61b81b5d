/** `atlas-gateway` as the process that people start: its flags, what it refuses to serve, and how it stops. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { checkout, compiled } from "../../../infra/local/paths.ts";
import { spawnProcess } from "../../../infra/local/processes/spawnProcess.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";

const program = compiled("gateway/cli/atlasGateway.js");
const bundle = join(checkout, "policies/bundle/atlas.tar.gz");

const disposer = createDisposer();
let folder: string;
let shop: Bookshop;
let supergraph: string;
let restricted: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atlas-standalone-"));
  shop = disposer.use(await startBookshop());
  supergraph = await write("supergraph.graphql", shop.sdl);
  const vault = disposer.use(
    await startBookshop({
      extraSdl: `
        extend type Query { sales: Int @requiresScopes(scopes: [["sales:read"]]) }
        type Till @authenticated { cents: Int @policy(policies: [["operations"]]) }
        extend type Query { till: Till }
      `,
    }),
  );
  restricted = await write("restricted.graphql", vault.sdl);
});
afterAll(async () => {
  await disposer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const lines: string[] = [];
  const process = spawnProcess({ script: program, args, env, onLine: (line) => lines.push(line) });
  return { process, lines };
}

async function runToEnd(args: readonly string[]) {
  const { process, lines } = run(args);
  const { code } = await process.exited;
  return { code, text: lines.join("\n") };
}

/** Starts it and reads the URL that it prints when it is ready. */
async function start(args: readonly string[], env?: Readonly<Record<string, string>>) {
  const { process, lines } = run([...args, "--port", "0"], env);
  let isGone = false;
  void process.exited.then(() => {
    isGone = true;
  });
  for (;;) {
    const ready = lines.find((line) => line.startsWith("ready "));
    if (ready) return { process, lines, graphql: ready.slice("ready ".length) };
    if (isGone) throw new Error(lines.join("\n"));
    await sleep(20);
  }
}

describe("atlas-gateway", () => {
  test("explains itself", async () => {
    const { code, text } = await runToEnd(["--help"]);
    expect(code).toBe(0);
    expect(text).toContain("--supergraph <file|url>");
    expect(await runToEnd(["--version"])).toEqual({
      code: 0,
      text: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  test("refuses a flag that it does not have and says which there are", async () => {
    const { code, text } = await runToEnd(["--polices", "x"]);
    expect(code).toBe(2);
    expect(text).toMatch(/'--polices'.*Expected --supergraph, --port, --host, --forward-header, --policies/);
  });

  test("calls a wrong value by its flag", async () => {
    const { code, text } = await runToEnd(["--port", "http"]);
    expect([code, text]).toEqual([1, expect.stringContaining("--port: expected a port from 0 to 65535")]);
  });

  test("says which file it cannot read", async () => {
    const { code, text } = await runToEnd(["--supergraph", join(folder, "missing.graphql")]);
    expect([code, text]).toEqual([1, expect.stringContaining("missing.graphql: cannot be read")]);
  });

  test("refuses authorization directives without a bundle, by name", async () => {
    const { code, text } = await runToEnd(["--supergraph", restricted, "--port", "0"]);
    expect(code).toBe(1);
    expect(text).toContain("@authenticated, @requiresScopes, @policy");
    expect(text).toContain("Query.sales");
    expect(text).toContain("--policies <bundle.tar.gz>");
    expect(text).not.toMatch(/\n\s+at /);
  });

  test("serves them with a bundle, and nothing restricted to anonymous callers", async () => {
    const { process, graphql } = await start([
      "--supergraph",
      restricted,
      "--policies",
      bundle,
      "--policy-keys",
      "unsigned",
    ]);
    const answer = await postGraphql(graphql, { query: "{ sales till { cents } __typename }" });
    expect(answer).toMatchObject({
      status: 200,
      data: { sales: null, till: null, __typename: "Query" },
      errors: [
        { path: ["sales"], extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" } },
        { path: ["till"], extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" } },
      ],
    });
    await process.stop();
  });

  test("says what to do about a taken port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const { code, text } = await runToEnd(["--supergraph", supergraph, "--port", port]);
    other.close();
    expect(code).toBe(1);
    expect(text).toContain(`Port ${port} on 127.0.0.1 is taken by another process.`);
    expect(text).toContain("--port or ATLAS_PORT");
  });

  test("passes on the headers that it is told to, and no others", async () => {
    const { process, graphql } = await start([
      "--supergraph",
      supergraph,
      "--forward-header",
      "X-Tenant",
      "--forward-header",
      "authorization",
    ]);
    const headers = { "x-tenant": "acme", authorization: "Bearer of-the-subgraph", "x-other": "1" };
    await postGraphql(graphql, { query: "{ books { isbn } }" }, headers);
    const seen = shop.seen.headers.at(-1);
    expect(seen).toMatchObject({ "x-tenant": "acme", authorization: "Bearer of-the-subgraph" });
    expect(seen).not.toHaveProperty("x-other");
    expect(seen).not.toHaveProperty("atlas-context");
    await process.stop();
  });
});

describe("on SIGTERM", () => {
  test("finishes what runs, refuses what is new, closes sockets with 1001 and exits 0", async () => {
    const { process, graphql, lines } = await start(["--supergraph", supergraph]);
    const base = graphql.replace("/graphql", "");
    const socketClosed = openSubscription(graphql.replace("http", "ws"));
    const running = postGraphql(graphql, { query: "{ slow(ms: 1200) }" });
    await sleep(300);
    expect(await statusOf(`${base}/health/ready`)).toBe(200);

    const stopped = process.stop();
    await sleep(300);
    expect(await statusOf(`${base}/health/ready`)).toBe(503);
    expect(await statusOf(`${base}/health/live`)).toBe(200);
    expect(await postGraphql(graphql, { query: "{ __typename }" })).toMatchObject({
      status: 503,
      errors: [{ extensions: { code: "SHUTTING_DOWN" } }],
    });
    expect(await running).toMatchObject({ status: 200, data: { slow: "done" } });
    expect(await socketClosed).toMatchObject({ code: 1001 });
    expect(await stopped).toEqual({ code: 0, signal: null });
    expect(lines.at(-1)).toContain('"msg":"gateway stopped"');
  });

  test("does not wait for ever for a request that does not end", async () => {
    const { process, graphql } = await start(["--supergraph", supergraph], { ATLAS_DRAIN_TIMEOUT_MS: "300" });
    const endless = postGraphql(graphql, { query: "{ slow(ms: 4000) }" }).catch(() => "cut");
    await sleep(300);
    const startedAt = Date.now();
    expect(await process.stop()).toEqual({ code: 0, signal: null });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    expect(await endless).toBe("cut");
  });
});

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { headers: { connection: "close" } });
  await response.body?.cancel();
  return response.status;
}

/** Resolves with the close event of the socket. */
function openSubscription(url: string): Promise<unknown> {
  return new Promise((closed) => {
    const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, on: { closed } });
    client.subscribe(
      { query: "subscription { bookAdded { isbn } }" },
      { next: () => {}, error: () => {}, complete: () => {} },
    );
  });
}
