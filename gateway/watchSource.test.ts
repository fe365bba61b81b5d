import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createSupergraphSource } from "./supergraph/createSupergraphSource.ts";
import { type SourceWatch, watchSource } from "./watchSource.ts";

/** Long enough that only a file watch can have found it. */
const never = 3_600_000;

describe("watchSource", () => {
  let folder: string;
  let watching: SourceWatch | undefined;
  let server: Server | undefined;
  const seen: string[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atlas-watch-"));
    seen.length = 0;
  });
  afterEach(async () => {
    await watching?.close();
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    await rm(folder, { recursive: true });
  });

  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const subgraph = (field: string) => `type Query { ${field}: Int }`;
  const yaml = `subgraphs: { a: { routing_url: http://a.test, schema: { file: parts/a.graphql } } }`;

  async function start(place: string, pollMs: number, onChanged = async () => {}) {
    const source = createSupergraphSource(place);
    const current = await source.read();
    watching = watchSource({
      source,
      current,
      pollMs,
      onChanged: async (supergraph) => {
        await onChanged();
        seen.push(`changed to ${/\b(\w+): Int/.exec(supergraph.sdl)?.[1]}`);
      },
      onProblem: (problem) =>
        void seen.push(problem ? `problem: ${problem.message.split("\n")[0]}` : "good again"),
    });
    return { current, source, watching };
  }

  async function until(count: number) {
    for (let at = 0; at < 400 && seen.length < count; at += 1) await sleep(25);
    return seen;
  }

  async function startYaml(pollMs: number, onChanged?: () => Promise<void>) {
    await mkdir(join(folder, "parts"));
    await write("parts/a.graphql", subgraph("one"));
    await write("supergraph.yaml", yaml);
    return start(join(folder, "supergraph.yaml"), pollMs, onChanged);
  }

  test("waits for the rest of a file that is written in two goes", async () => {
    const { current } = await startYaml(never);
    await watching?.close();
    const whole = { ...current, id: "whole" };
    // As a file looks that was emptied, half written, then whole.
    const looks = [new Error("nothing there"), new Error("half of it"), whole];
    watching = watchSource({
      source: {
        files: () => [],
        read: async () => {
          const found = looks.length > 1 ? looks.shift() : looks[0];
          if (found instanceof Error || found === undefined) throw found;
          return found;
        },
      },
      current,
      pollMs: never,
      onChanged: async ({ id }) => void seen.push(`changed to ${id}`),
      onProblem: (problem) => void seen.push(`problem: ${problem?.message}`),
    });
    await watching.look();
    expect(seen).toEqual(["changed to whole"]);
  });

  test("tells of a changed part, of one that breaks the graph, and that it is mended, each once", async () => {
    const { watching } = await startYaml(never);
    await write("parts/a.graphql", subgraph("two"));
    expect(await until(1)).toEqual(["changed to two"]);
    await write("parts/a.graphql", "type Query {");
    expect(await until(2)).toEqual([
      expect.anything(),
      expect.stringMatching(/problem: .*missing or broken/),
    ]);
    await watching.look();
    await watching.look();
    expect(seen).toHaveLength(2);
    // Back to what is served: no change, and no problem either.
    await write("parts/a.graphql", subgraph("two"));
    expect((await until(3)).slice(2)).toEqual(["good again"]);
  });

  test("finds a file that was put in the place of another", async () => {
    const { current } = await startYaml(never);
    const file = join(folder, "supergraph.graphql");
    await writeFile(file, current.sdl);
    await watching?.close();
    await start(file, never);
    await write("next.graphql", current.sdl.replaceAll("one", "two"));
    await rename(join(folder, "next.graphql"), file);
    expect(await until(1)).toEqual(["changed to two"]);
    await rm(file);
    expect((await until(2))[1]).toMatch(/problem: .*cannot be read/);
  });

  test("a supergraph that cannot be served is a problem until another comes, and is tried once", async () => {
    let tried = 0;
    const { watching } = await startYaml(20, async () => {
      tried += 1;
      if (tried === 1) throw new Error("demands policies");
    });
    await write("parts/a.graphql", subgraph("two"));
    expect(await until(1)).toEqual(["problem: demands policies"]);
    await watching.look();
    await sleep(100);
    expect(tried).toBe(1);
    await write("parts/a.graphql", subgraph("three"));
    expect((await until(3)).slice(1)).toEqual(["changed to three", "good again"]);
  });

  test("asks a URL with its ETag, and goes by what it answers", async () => {
    const { current } = await startYaml(never);
    await watching?.close();
    let state = { etag: `"1"`, sdl: current.sdl, status: 200 };
    const answers: number[] = [];
    server = createServer(({ headers }, response) => {
      response.statusCode = headers["if-none-match"] === state.etag ? 304 : state.status;
      answers.push(response.statusCode);
      response.setHeader("etag", state.etag).end(response.statusCode === 200 ? state.sdl : undefined);
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    // A listening TCP server has an address with a port.
    const { watching: watch } = await start(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      never,
    );
    await watch.look();
    expect([answers, seen]).toEqual([[200, 304], []]);
    state = { ...state, etag: `"2"`, status: 500 };
    await watch.look();
    state = { ...state, status: 200 };
    await watch.look();
    state = { etag: `"3"`, sdl: current.sdl.replaceAll("one", "two"), status: 200 };
    await watch.look();
    expect(seen).toEqual([expect.stringMatching(/problem: .*came 500/), "good again", "changed to two"]);
  });
});
