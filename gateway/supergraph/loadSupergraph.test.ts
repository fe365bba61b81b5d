import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { composeCommand } from "./composeCommand.ts";
import { composeSupergraph } from "./composeSupergraph.ts";
import { loadSupergraph } from "./loadSupergraph.ts";

const SECURED = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@policy"])
type Query { a: Int @policy(policies: [["p"]]) }`;

describe("loadSupergraph", () => {
  let folder: string;
  let yaml: string;
  let sdl: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atlas-load-"));
    yaml = join(folder, "supergraph.yaml");
    const config = { subgraphs: { a: { routing_url: "http://a.test/", schema: { sdl: SECURED } } } };
    await writeFile(yaml, JSON.stringify(config));
    ({ sdl } = await composeSupergraph(yaml));
    await writeFile(join(folder, "supergraph.graphql"), sdl);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("gives the same supergraph from a yaml, an SDL file and a URL, authorization directives included", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/supergraph" ? 200 : 404;
      response.end(sdl);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A listening TCP server has an address with a port.
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const sources = [yaml, join(folder, "supergraph.graphql"), `${base}/supergraph`];
      const loaded = await Promise.all(sources.map((source) => loadSupergraph(source)));
      expect(new Set(loaded.map(({ id }) => id)).size).toBe(1);
      expect(loaded[0]?.id).toMatch(/^[0-9a-f]{64}$/);
      expect(loaded[0]?.subgraphs).toEqual([{ name: "a", url: "http://a.test/" }]);
      await expect(loadSupergraph(`${base}/other`)).rejects.toThrow("expected status 200, came 404");
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    await expect(loadSupergraph(`${base}/supergraph`)).rejects.toThrow("does not answer");
  });

  test("routes to overridden URLs without becoming another supergraph", async () => {
    const plain = await loadSupergraph(yaml);
    const overridden = await loadSupergraph(yaml, { routingUrls: new Map([["a", "http://b.test/"]]) });
    expect(overridden.subgraphs).toEqual([{ name: "a", url: "http://b.test/" }]);
    expect(overridden.id).toBe(plain.id);
  });

  test("refuses an override for a subgraph that there is not, and names those that there are", async () => {
    const loading = loadSupergraph(yaml, { routingUrls: new Map([["z", "http://z.test/"]]) });
    await expect(loading).rejects.toThrow("z: expected one of a");
  });

  test("refuses SDL that is no supergraph, or needs a feature that nobody here enforces", async () => {
    const broken = join(folder, "broken.graphql");
    await writeFile(broken, "type Query { a: Int }");
    await expect(loadSupergraph(broken)).rejects.toThrow("not a supergraph this gateway can serve");
    await writeFile(broken, sdl.replace("specs.apollo.dev/policy/v0.1", "specs.example.test/guard/v0.1"));
    await expect(loadSupergraph(broken)).rejects.toThrow(/guard\/v0\.1 is for: SECURITY but is unsupported/);
  });

  test("prints the supergraph for the command line, or why there is none", async () => {
    const run = async (configPath: string) => {
      const lines: { result: string[]; problem: string[] } = { result: [], problem: [] };
      const code = await composeCommand({
        configPath,
        environment: {},
        printResult: (text) => lines.result.push(text),
        printProblem: (text) => lines.problem.push(text),
      });
      return { code, ...lines };
    };
    expect(await run(yaml)).toEqual({ code: 0, result: [sdl], problem: [] });
    expect(await run(join(folder, "none.yaml"))).toMatchObject({ code: 1, result: [] });
    const open = join(folder, "open.yaml");
    const config = {
      subgraphs: { a: { routing_url: "http://a.test/", schema: { sdl: SECURED.replace(`["p"]`, "") } } },
    };
    await writeFile(open, JSON.stringify(config));
    expect((await run(open)).problem.join()).toContain("Query.a has an empty list in @policy");
  });
});
