/**
 * `npm run bench:planning`: what clients of a known query notice while others make the gateway work: plans over 5
 * subgraphs × 400 types, a plan that nobody makes in time, and a supergraph of that size that changes. Each part of the
 * system is a process of its own. `-- --gateway <main.js>` measures another build.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { createSlowGraph } from "../../../gateway/engine/testing/slowGraph.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { findPort } from "../../support/startPart.ts";
import { createWideGraph, createWideOperation } from "../../support/wideGraph.ts";

const { values } = parseArgs({ options: { gateway: { type: "string" } } });
const main = values.gateway ?? fileURLToPath(new URL("../../../gateway/main.js", import.meta.url));
const quietMs = 5_000;
/** Between two requests of the client that is measured. */
const pauseMs = 5;

const folder = await mkdtemp(join(tmpdir(), "atlas-planning-"));
try {
  await measureWide();
  await measureSlow();
} finally {
  await rm(folder, { recursive: true });
}

async function measureWide(): Promise<void> {
  await using subgraph = await serveAnswer({ root0_0: { __typename: "Entity0", id: "1" } });
  const services = createWideGraph(5, 400).map(({ name, sdl }) => {
    return { name, url: subgraph.url, typeDefs: parse(sdl) };
  });
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new AggregateError(errors ?? []);
  const known = "{ root0_0 { id } }";
  await using gateway = await startGateway("wide", supergraphSdl);
  await gateway.ask(known);
  const report = (title: string, work: Promise<unknown>) =>
    measure(`5 × 400 types: ${title}`, gateway, known, work);
  await report("nothing else", sleep(quietMs));
  for (const roots of [5, 40]) {
    const operations = ["A", "B", "C"].map((name) => createWideOperation(`${name}${roots}`, 5, roots));
    await report(
      `three operations of ${roots} root fields are planned`,
      Promise.all(operations.map(gateway.ask)),
    );
  }
  await report("the supergraph changes", gateway.change(`${supergraphSdl}\n# changed\n`));
}

async function measureSlow(): Promise<void> {
  await using subgraph = await serveAnswer({ root: { __typename: "A", id: "1" } });
  const { supergraph, slowOperation, quickOperation } = createSlowGraph();
  const sdl = supergraph.sdl.replaceAll(/http:\/\/\w+\.test/g, subgraph.url);
  await using gateway = await startGateway("slow", sdl);
  await gateway.ask(quickOperation);
  const work = Promise.all(["A", "B", "C"].map((name) => gateway.ask(slowOperation(name))));
  await measure("three operations that no planner plans in time", gateway, quickOperation, work);
}

type Gateway = AsyncDisposable & {
  readonly ask: (query: string) => Promise<string>;
  /** Resolves when the new one is served. */
  readonly change: (sdl: string) => Promise<void>;
};

async function measure(
  title: string,
  gateway: Gateway,
  query: string,
  work: Promise<unknown>,
): Promise<void> {
  const durationsMs: number[] = [];
  let faults = 0;
  let isOver = false;
  const outcome = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const startedAt = performance.now();
    if ((await gateway.ask(query)) !== "200") faults += 1;
    durationsMs.push(performance.now() - startedAt);
    await sleep(pauseMs);
  }
  durationsMs.sort((one, other) => one - other);
  const at = (quantile: number) =>
    (durationsMs[Math.floor(quantile * (durationsMs.length - 1))] ?? 0).toFixed(1);
  const outcomes = [await outcome].flat().filter((text) => typeof text === "string");
  console.log(
    `${title}: ${durationsMs.length} known queries, p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms, ${faults} failed` +
      (outcomes.length > 0 ? `; the others: ${outcomes.join(", ")}` : ""),
  );
}

async function startGateway(name: string, sdl: string): Promise<Gateway> {
  const supergraph = join(folder, `${name}.graphql`);
  await writeFile(supergraph, sdl);
  const port = await findPort();
  const url = `http://127.0.0.1:${port}`;
  const gateway = spawn(process.execPath, [main], {
    stdio: "inherit",
    env: {
      ...process.env,
      ATLAS_PORT: String(port),
      ATLAS_SUPERGRAPH: supergraph,
      ATLAS_SUPERGRAPH_POLL_MS: "500",
      ATLAS_PLANNING_TIMEOUT_MS: "20000",
      ATLAS_LOG_LEVEL: "error",
      APOLLO_TELEMETRY_DISABLED: "1",
    },
  });
  const readServedId = async () => {
    const text = await (await fetch(`${url}/health/ready`)).text().catch(() => "");
    return /"supergraph":\{"id":"(\w+)"/.exec(text)?.[1];
  };
  while (!(await readServedId().catch(() => undefined))) await sleep(100);
  return {
    ask: async (query) => {
      const { status, errors } = await postGraphql(`${url}/graphql`, { query });
      const code = errors?.[0]?.extensions?.code;
      return typeof code === "string" ? code : String(status);
    },
    change: async (changed) => {
      const before = await readServedId();
      await writeFile(supergraph, changed);
      // Asked seldom: the health page probes the subgraphs.
      while ((await readServedId()) === before) await sleep(1_000);
    },
    [Symbol.asyncDispose]: async () => {
      gateway.kill("SIGTERM");
      await once(gateway, "exit");
    },
  };
}

/** Every subgraph, with the same answer for all. */
async function serveAnswer(data: unknown): Promise<AsyncDisposable & { readonly url: string }> {
  const server: Server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
