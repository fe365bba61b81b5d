/**
 * What a gateway process makes of a subgraph that answers badly: the rest of the answer, an error with a code in place of
 * what is missing, its memory back where it was, and the next request served.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { compiled } from "../../../infra/local/paths.ts";
import { type RunningProcess, spawnProcess } from "../../../infra/local/processes/spawnProcess.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { startBookshop } from "../../support/startBookshop.ts";

type Behave = (response: ServerResponse) => void;

const json = { "content-type": "application/json" };
const answer =
  (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Behave =>
  (response) =>
    response.writeHead(200, { ...json, ...headers }).end(body);
const data = (entities: unknown): Behave => answer(JSON.stringify({ data: { _entities: entities } }));

const good = data([
  { __typename: "Book", stars: 5 },
  { __typename: "Book", stars: 4 },
]);
const megabyte = Buffer.alloc(1_048_576, " ");

/** 100 MB without a length, as fast as they are taken. */
const endless: Behave = (response) => {
  let sent = 0;
  response.writeHead(200, json);
  const write = () => {
    while (sent < 100 && !response.destroyed) {
      sent += 1;
      if (!response.write(megabyte)) return void response.once("drain", write);
    }
    response.end();
  };
  write();
};

const trickle: Behave = (response) => {
  response.writeHead(200, json).write('{"data":');
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
};

const dying: Behave = (response) => {
  response.writeHead(200, { ...json, "content-length": "1000" });
  response.write('{"data":{"_entities":[', () => response.destroy());
};

const disposer = createDisposer();
const gateway = { url: "", process: undefined as RunningProcess | undefined }; // Filled before the first test.
let folder: string;
let behave: Behave = good;

beforeAll(async () => {
  const shop = disposer.use(await startBookshop());
  const listener: RequestListener = (request, response) => {
    request.resume().once("end", () => behave(response));
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  disposer.use({
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  folder = await mkdtemp(join(tmpdir(), "atlas-bad-subgraph-"));
  await writeFile(join(folder, "supergraph.graphql"), shop.sdl);
  const lines: string[] = [];
  gateway.process = spawnProcess({
    script: compiled("gateway/cli/atlasGateway.js"),
    args: ["--supergraph", join(folder, "supergraph.graphql"), "--port", "0"],
    env: {
      ATLAS_ROUTING_URLS: `reviews=http://127.0.0.1:${port}/graphql`,
      ATLAS_SUBGRAPH_TIMEOUT_MS: "500",
      ATLAS_SUBGRAPH_ANSWER_BYTES_MAX: "16000000",
      // What is tested is each answer by itself; the circuit would spare the gateway most of them.
      ATLAS_SUBGRAPH_TRANSPORT: '{"reviews": {"circuit": {"enabled": false}}}',
    },
    onLine: (line) => lines.push(line),
  });
  while (gateway.url === "") {
    gateway.url = lines.find((line) => line.startsWith("ready "))?.slice("ready ".length) ?? "";
    await sleep(20);
  }
  for (let count = 0; count < 50; count += 1) await ask();
});
afterAll(async () => {
  await gateway.process?.stop();
  await disposer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const ask = () => postGraphql(gateway.url, { query: "{ books { title stars } }" });

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${gateway.process?.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1_024;
}

describe("a subgraph that answers", () => {
  test.each<[string, Behave, string]>([
    ["with nothing", answer(""), "SUBGRAPH_INVALID_RESPONSE"],
    ["with JSON that breaks off", answer('{"data":{"_entities":[{"stars":5},'), "SUBGRAPH_INVALID_RESPONSE"],
    ["with HTML", answer("<h1>502</h1>", { "content-type": "text/html" }), "SUBGRAPH_INVALID_RESPONSE"],
    ["with bytes that are no text", answer(Buffer.from([0xff, 0xfe, 0x00])), "SUBGRAPH_INVALID_RESPONSE"],
    ["with JSON that is no answer", answer('["data"]'), "SUBGRAPH_INVALID_RESPONSE"],
    ["with JSON nested 200,000 deep", answer("[".repeat(200_000)), "SUBGRAPH_INVALID_RESPONSE"],
    ["with 100 MB", endless, "SUBGRAPH_INVALID_RESPONSE"],
    [
      "with 100 MB, which it announces",
      answer(megabyte, { "content-length": "104857600" }),
      "SUBGRAPH_INVALID_RESPONSE",
    ],
    [
      "with 1 GB packed in 1 MB",
      answer(gzipSync(Buffer.alloc(1_000_000_000)), { "content-encoding": "gzip" }),
      "SUBGRAPH_INVALID_RESPONSE",
    ],
    [
      "with 1 GB packed in 1 KB",
      answer(brotliCompressSync(Buffer.alloc(1_000_000_000), { params: { 1: 4 } }), {
        "content-encoding": "br",
      }),
      "SUBGRAPH_INVALID_RESPONSE",
    ],
    ["byte by byte", trickle, "SUBGRAPH_TIMEOUT"],
    ["never", () => {}, "SUBGRAPH_TIMEOUT"],
    ["and dies in the middle", dying, "SUBGRAPH_UNAVAILABLE"],
    ["and dies at once", (response) => response.destroy(), "SUBGRAPH_UNAVAILABLE"],
    ["with 503", (response) => response.writeHead(503).end(), "SUBGRAPH_UNAVAILABLE"],
    ["with an entity too few", data([{ stars: 5 }]), "SUBGRAPH_INVALID_RESPONSE"],
    [
      "with an entity too many",
      data([{ stars: 5 }, { stars: 4 }, { stars: 3 }]),
      "SUBGRAPH_INVALID_RESPONSE",
    ],
    ["with entities that are no list", data({ stars: 5 }), "SUBGRAPH_INVALID_RESPONSE"],
    ["with entities that are no objects", data(["a", "b"]), "SUBGRAPH_INVALID_RESPONSE"],
  ])("%s leaves the rest of the answer, and the next request is served", async (_title, bad, code) => {
    behave = bad;
    const startedAt = performance.now();
    const { status, data: got, errors } = await ask();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect([status, got]).toEqual([
      200,
      {
        books: [
          { title: "Dune", stars: null },
          { title: "Emma", stars: null },
        ],
      },
    ]);
    expect(new Set(errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set([code]));
    behave = good;
    expect((await ask()).data).toEqual({
      books: [
        { title: "Dune", stars: 5 },
        { title: "Emma", stars: 4 },
      ],
    });
  });

  test("with values of another type gets an error for each, and the others count", async () => {
    behave = data([{ stars: "many" }, { stars: 4 }]);
    const { data: got, errors } = await ask();
    expect(got).toEqual({
      books: [
        { title: "Dune", stars: null },
        { title: "Emma", stars: 4 },
      ],
    });
    expect(errors?.map(({ path }) => path)).toEqual([["books", 0, "stars"]]);
  });

  test("with an entity that it does not know has null there", async () => {
    behave = data([null, { stars: 4 }]);
    expect((await ask()).data).toEqual({
      books: [
        { title: "Dune", stars: null },
        { title: "Emma", stars: 4 },
      ],
    });
  });

  test("with names that are special to JavaScript changes nothing but its own answer", async () => {
    const evil =
      '{"__proto__":{"stars":1,"title":"owned"},"constructor":{"prototype":{"title":"owned"}},"stars":5}';
    behave = answer(`{"__proto__":{"data":1},"data":{"__proto__":{"x":1},"_entities":[${evil},${evil}]}}`);
    expect((await ask()).data).toEqual({
      books: [
        { title: "Dune", stars: 5 },
        { title: "Emma", stars: 5 },
      ],
    });
    behave = good;
    expect((await ask()).data).toEqual({
      books: [
        { title: "Dune", stars: 5 },
        { title: "Emma", stars: 4 },
      ],
    });
  });

  test("with too much again and again does not make the gateway grow", async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000));
    const flood = async (times: number) => {
      for (let count = 0; count < times; count += 1) {
        for (const bad of [endless, answer(bomb, { "content-encoding": "gzip" })]) {
          behave = bad;
          await Promise.all(Array.from({ length: 4 }, ask));
        }
      }
      behave = good;
      for (let count = 0; count < 50; count += 1) await ask();
    };
    await flood(3);
    const before = await residentBytes();
    await flood(8);
    // 64 answers of 100 MB later; the margin is less than one of them.
    expect((await residentBytes()) - before).toBeLessThan(64_000_000);
  });
});
