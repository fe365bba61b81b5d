import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { composeSupergraph } from "./composeSupergraph.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n`;

describe("composeSupergraph", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atlas-compose-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Writes the files and composes the one called supergraph.yaml. */
  async function compose(files: Record<string, string>, environment: Record<string, string> = {}) {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return composeSupergraph(join(folder, "supergraph.yaml"), environment);
  }

  test("reads files relative to the yaml, inline SDL and the environment", async () => {
    const { sdl } = await compose(
      {
        "supergraph.yaml": `
          federation_version: =2.9.0
          subgraphs:
            books: { routing_url: "http://\${env.HOST}/books", schema: { file: ./books.graphql } }
            films: { routing_url: http://films.test, schema: { sdl: "type Query { film: Int }" } }`,
        "books.graphql": "type Query { book: Int }",
      },
      { HOST: "books.test" },
    );
    expect(sdl).toContain(`BOOKS @join__graph(name: "books", url: "http://books.test/books")`);
    expect(sdl).toMatch(/film: Int @join__field\(graph: FILMS\)/);
  });

  test("asks a running subgraph for its SDL, with the headers that it wants, and routes to it", async () => {
    const server = createServer((request, response) => {
      const isKnown = request.headers["x-key"] === "k";
      response.end(
        JSON.stringify(isKnown ? { data: { _service: { sdl: "type Query { book: Int }" } } } : {}),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A listening TCP server has an address with a port.
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const yaml = (headers: string) => ({
      "supergraph.yaml": `subgraphs: { books: { schema: { subgraph_url: "${url}", introspection_headers: ${headers} } } }`,
    });
    try {
      expect((await compose(yaml("{ x-key: k }"))).sdl).toContain(`url: "${url}"`);
      await expect(compose(yaml("{}"))).rejects.toThrow(`[books] ${url} answered 200 without _service.sdl`);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("names subgraph, file, line and column of a syntax error, and every other subgraph that is broken", async () => {
    const composing = compose({
      "supergraph.yaml": `
        subgraphs:
          books: { routing_url: http://books.test, schema: { file: books.graphql } }
          films: { routing_url: http://films.test, schema: { file: missing.graphql } }`,
      "books.graphql": "type Query {\n  book Int\n}",
    });
    await expect(composing).rejects.toThrow(/\[books\] Syntax Error.*books\.graphql:2:8/);
    await expect(composing).rejects.toThrow(/\[films\] cannot read .*missing\.graphql/);
  });

  test("names each place that takes part in a composition error", async () => {
    const composing = compose({
      "supergraph.yaml": `
        subgraphs:
          a: { routing_url: http://a.test, schema: { file: a.graphql } }
          b: { routing_url: http://b.test, schema: { file: b.graphql } }`,
      "a.graphql": `${LINK}type Query { a: T }\ntype T @key(fields: "id") { id: ID name: String }`,
      "b.graphql": `${LINK}type Query { b: T }\ntype T @key(fields: "id") { id: ID name: String }`,
    });
    await expect(composing).rejects.toThrow(/INVALID_FIELD_SHARING: .*T\.name.*a\.graphql:3:.*b\.graphql:3:/);
  });

  test("names a field that a subgraph's own schema gets wrong", async () => {
    const composing = compose({
      "supergraph.yaml": "subgraphs: { a: { routing_url: http://a.test, schema: { file: a.graphql } } }",
      "a.graphql": `${LINK}type Query { a: T }\ntype T @key(fields: "nope") { id: ID }`,
    });
    await expect(composing).rejects.toThrow(/KEY_INVALID_FIELDS: \[a\] On type "T".*a\.graphql:3:8/);
  });

  test.each([
    ["subgraphs: [", /not YAML/],
    ["subgraphs: {}", /subgraphs: expected at least one/],
    ["federation_version: 1\nsubgraphs: {}", /federation_version: expected a Federation 2 version/],
    ["subgraphs: { a: { schema: { sdl: x } } }", /subgraphs\.a\.routing_url: expected the URL/],
    [
      "subgraphs: { a: { routing_url: http://a.test, schema: { graphref: a@b } } }",
      /expected one of file, sdl/,
    ],
    [
      `subgraphs: { a: { routing_url: "\${env.A}\${env.B}", schema: { sdl: x } } }`,
      /not set\n {2}- A\n {2}- B/,
    ],
  ])("refuses %j and says what it expected", async (text, message) => {
    await expect(compose({ "supergraph.yaml": text })).rejects.toThrow(message);
  });

  test("names a configuration that is not there", async () => {
    await expect(composeSupergraph(join(folder, "supergraph.yaml"))).rejects.toThrow(
      /supergraph\.yaml: cannot be read/,
    );
  });
});
